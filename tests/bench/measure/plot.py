"""SVG without a library: bars, and lines over a linear or logarithmic x axis."""

import math
from xml.sax.saxutils import escape

COLORS = ["#2b6cb0", "#c05621", "#2f855a", "#6b46c1", "#718096"]
WIDTH, HEIGHT = 680, 300  # of one panel of lines
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 50, 50


def save(path, body, width, height):
    with open(path, "w") as out:
        out.write('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
                  'font-family="sans-serif" font-size="13">'
                  '<rect width="100%%" height="100%%" fill="white"/>%s</svg>\n'
                  % (width, height, body))


def label(x, y, text, anchor="start", more=""):
    return ('<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>'
            % (x, y, anchor, more, escape(text)))


def bars(path, title, rows):
    """rows: (label, series, value); the series are coloured in the order they come."""
    series = list(dict.fromkeys(row[1] for row in rows))
    most = max((row[2] for row in rows), default=0) or 1
    parts = [label(10, 22, title)]
    for at, (name, who, value) in enumerate(rows):
        y, width = 40 + at * 26, 420 * value / most
        parts.append(label(10, y + 15, "%s %s" % (name, who)))
        parts.append('<rect x="150" y="%d" width="%.0f" height="20" fill="%s"/>'
                     % (y, width, COLORS[series.index(who) % len(COLORS)]))
        parts.append(label(155 + width, y + 15, "%.0f" % value))
    save(path, "".join(parts), 700, 50 + 26 * len(rows))


def nice_step(span):
    raw = span / 4 or 1
    power = 10 ** math.floor(math.log10(raw))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= raw)


def number(value):
    for bound, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= bound:
            return "%.4g%s" % (value / bound, letter)
    return "%.4g" % value


class Panel:
    """One pair of axes. series: {name: [(x, y), ...]}; y begins at 0."""

    def __init__(self, title, x_title, series, is_log_x=False, top=0):
        self.title, self.x_title, self.series = title, x_title, series
        self.is_log_x, self.offset = is_log_x, top
        points = [point for line in series.values() for point in line] or [(1, 1)]
        self.x_low, self.x_high = min(p[0] for p in points), max(p[0] for p in points)
        self.step = nice_step(max(max(p[1] for p in points), 1e-9))
        self.y_high = self.step * math.ceil(max(max(p[1] for p in points), 1e-9) / self.step)

    def x(self, value):
        scale = math.log10 if self.is_log_x else float
        span = (scale(self.x_high) - scale(self.x_low)) or 1
        return LEFT + (WIDTH - LEFT - RIGHT) * (scale(value) - scale(self.x_low)) / span

    def y(self, value):
        return self.offset + HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.y_high

    def x_ticks(self):
        if self.is_log_x:
            return sorted({p[0] for line in self.series.values() for p in line})
        step = nice_step(self.x_high - self.x_low)
        first = math.ceil(self.x_low / step)
        return [step * i for i in range(first, int(self.x_high / step) + 1)]

    def svg(self):
        parts = [label(10, self.offset + 20, self.title)]
        for i in range(round(self.y_high / self.step) + 1):
            y = self.y(i * self.step)
            parts.append('<path d="M%d %.1fH%d" stroke="#e2e8f0"/>' % (LEFT, y, WIDTH - RIGHT))
            parts.append(label(LEFT - 6, y + 4, number(i * self.step), "end"))
        for tick in self.x_ticks():
            parts.append(label(self.x(tick), self.y(0) + 18, number(tick), "middle"))
        parts.append(label((LEFT + WIDTH) / 2, self.y(0) + 38, self.x_title, "middle"))
        for at, (name, line) in enumerate(self.series.items()):
            color = COLORS[at % len(COLORS)]
            places = [(self.x(x), self.y(y)) for x, y in line]
            parts.append('<path d="M%s" fill="none" stroke="%s" stroke-width="2"/>'
                         % ("L".join("%.1f %.1f" % place for place in places), color))
            if len(places) < 30:
                parts += ['<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (*place, color)
                          for place in places]
            if len(self.series) > 1:
                parts.append(label(LEFT + 10 + 300 * (at % 2), self.offset + 38 + 14 * (at // 2),
                                   name, more=' fill="%s"' % color))
        return "".join(parts)


def lines(path, panels):
    """panels: (title, x title, series, is_log_x), one below the other."""
    body = "".join(Panel(*panel, top=at * HEIGHT).svg() for at, panel in enumerate(panels))
    save(path, body, WIDTH, HEIGHT * len(panels))
