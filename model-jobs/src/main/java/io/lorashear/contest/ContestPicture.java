package io.lorashear.contest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.DoubleUnaryOperator;

/**
 * Chart of quality against size, as an SVG with the same bytes on every machine (a chart library
 * would measure text with the installed fonts). The horizontal axis is millions of parameters; the
 * vertical axis, logarithmic, is the perplexity of the finished model. Each method has a line from
 * the dense model through its ratios, with bars of one standard error if there are several seeds.
 */
record ContestPicture(ContestResult result) {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 520;
  private static final int LEFT = 70;
  private static final int RIGHT = 640;
  private static final int TOP = 30;
  private static final int BOTTOM = 460;
  private static final int LEGEND = 16;
  private static final double MILLION = 1e6;
  private static final List<Integer> STEPS = List.of(1, 2, 5);
  private static final List<String> COLOURS =
      List.of(
          "#1b6ca8", "#c0392b", "#27864b", "#8e44ad", "#c77700", "#16a0a0", "#7f5539", "#d6336c",
          "#5c677d", "#6a994e", "#3d348b", "#9d0208");

  private record Scale(double low, double high, int from, int to, DoubleUnaryOperator of) {
    double at(double value) {
      double share =
          (of.applyAsDouble(value) - of.applyAsDouble(low))
              / (of.applyAsDouble(high) - of.applyAsDouble(low));
      return from + share * (to - from);
    }
  }

  String svg() {
    var standings = new ArrayList<>(result.standings());
    var dense = new Standing(List.of(result.dense()));
    standings.add(dense);
    result.ceiling().ifPresent(standings::add);
    double least = standings.stream().mapToDouble(Standing::loss).min().orElseThrow();
    double most = standings.stream().mapToDouble(Standing::loss).max().orElseThrow();
    double margin = Math.max(0.05, (most - least) / 20);
    double smallest = standings.stream().mapToDouble(Standing::parameters).min().orElseThrow();
    double spare = Math.max(1, dense.parameters() - smallest) / 20;
    var x = new Scale(smallest - spare, dense.parameters() + spare, LEFT, RIGHT, value -> value);
    var y = new Scale(Math.exp(least - margin), Math.exp(most + margin), BOTTOM, TOP, Math::log);
    var lines = new StringJoiner("\n", "", "\n");
    lines.add(
        text(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\">",
            WIDTH, HEIGHT));
    lines.add(text("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT));
    axes(lines, x, y);
    methods(lines, dense, x, y);
    return lines.add("</svg>").toString();
  }

  private void axes(StringJoiner lines, Scale x, Scale y) {
    for (double tick : ticks(x.low() / MILLION, x.high() / MILLION)) {
      double at = x.at(tick * MILLION);
      lines.add(text("<path d=\"M%.1f %d V%d\" stroke=\"#ddd\"/>", at, TOP, BOTTOM));
      lines.add(
          text(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
              at, BOTTOM + 18, plain(tick)));
    }
    for (double tick : logarithmicTicks(y.low(), y.high())) {
      double at = y.at(tick);
      lines.add(text("<path d=\"M%d %.1f H%d\" stroke=\"#ddd\"/>", LEFT, at, RIGHT));
      lines.add(
          text(
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
              LEFT - 8, at + 4, plain(tick)));
    }
    lines.add(
        text(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">million parameters</text>",
            (LEFT + RIGHT) / 2, BOTTOM + 42));
    lines.add(text("<text x=\"%d\" y=\"%d\">perplexity, less is better</text>", LEFT, TOP - 12));
  }

  private void methods(StringJoiner lines, Standing dense, Scale x, Scale y) {
    int index = 0;
    for (var method : methods()) {
      var own = result.standings().stream().filter(s -> s.method().equals(method)).toList();
      var colour = COLOURS.get(index % COLOURS.size());
      boolean square = index / COLOURS.size() % 2 == 1;
      var path =
          new StringBuilder(
              text("M%.1f %.1f", x.at(dense.parameters()), y.at(perplexity(dense, 0))));
      for (var standing : own) {
        path.append(
            text(" L%.1f %.1f", x.at(standing.parameters()), y.at(perplexity(standing, 0))));
        double error = standing.lossError().orElse(0.0);
        lines.add(
            text(
                "<path d=\"M%.1f %.1f V%.1f\" stroke=\"%s\"/>",
                x.at(standing.parameters()),
                y.at(perplexity(standing, -error)),
                y.at(perplexity(standing, error)),
                colour));
        lines.add(mark(x.at(standing.parameters()), y.at(perplexity(standing, 0)), colour, square));
      }
      lines.add(
          text(
              "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-dasharray=\"3 3\"/>",
              path, colour));
      int at = TOP + 10 + LEGEND * index;
      lines.add(mark(RIGHT + 24, at, colour, square));
      lines.add(text("<text x=\"%d\" y=\"%d\">%s</text>", RIGHT + 34, at + 4, method));
      index++;
    }
    lines.add(
        text(
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"black\"/>",
            x.at(dense.parameters()), y.at(perplexity(dense, 0))));
    lines.add(
        text(
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">dense</text>",
            x.at(dense.parameters()) - 8, y.at(perplexity(dense, 0)) + 16));
    result.ceiling().ifPresent(ceiling -> ceiling(lines, ceiling, x, y));
  }

  private static void ceiling(StringJoiner lines, Standing ceiling, Scale x, Scale y) {
    double across = x.at(ceiling.parameters());
    double down = y.at(perplexity(ceiling, 0));
    lines.add(
        text(
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"none\" stroke=\"black\"/>",
            across, down));
    lines.add(
        text(
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">ceiling</text>",
            across - 8, down + 16));
  }

  /** The methods as they stand at the smallest ratio, the best first. */
  private List<String> methods() {
    var methods = new LinkedHashSet<String>();
    result.standings().stream()
        .sorted(Comparator.comparing(Standing::ratio).thenComparing(Standing::loss))
        .forEach(standing -> methods.add(standing.method()));
    methods.addAll(result.settings().methods().keySet());
    return List.copyOf(methods);
  }

  /** Where the colours begin again, squares follow circles. */
  private static String mark(double x, double y, String colour, boolean square) {
    return square
        ? text(
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"8\" height=\"8\" fill=\"%s\"/>",
            x - 4, y - 4, colour)
        : text("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>", x, y, colour);
  }

  private static double perplexity(Standing standing, double more) {
    return Math.exp(standing.loss() + more);
  }

  /** About five round numbers. */
  private static List<Double> ticks(double low, double high) {
    double power = Math.pow(10, Math.floor(Math.log10((high - low) / 2)));
    double step = power;
    for (int each : STEPS) {
      step = (high - low) / (power * each) > 8 ? power * each * 2 : step;
    }
    var ticks = new ArrayList<Double>();
    for (double tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
      ticks.add(tick);
    }
    return ticks;
  }

  /**
   * 1, 2 and 5 times powers of ten; other round numbers if fewer than three of these are in the
   * range.
   */
  private static List<Double> logarithmicTicks(double low, double high) {
    var ticks = new ArrayList<Double>();
    for (double power = Math.pow(10, Math.floor(Math.log10(low))); power <= high; power *= 10) {
      for (int each : STEPS) {
        if (power * each >= low && power * each <= high) {
          ticks.add(power * each);
        }
      }
    }
    return ticks.size() < 3 ? ticks(low, high) : ticks;
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? text("%,.0f", value) : text("%s", (float) value);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
