package io.lorashear.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;

/**
 * Drawing of the model layer by layer, the first one on top: remaining and removed heads and
 * channels, and the sensitivity of each part.
 *
 * <pre>
 *        heads      sensitivity   channels            sensitivity
 *   0    ■ ■ ■ ■    ▬▬▬▬▬▬▬       ■■■▣■■▢▣■■■■■■      ▬▬▬
 *   1    ■ □ ■ ■    ▬▬            ■▢▢■▣■■▢▢■▣▢▢■      ▬
 * </pre>
 *
 * A cell stands for one index, or for several if there are many; the paler it is, the more of them
 * were removed. Bars have one scale for the whole model.
 */
record ModelDrawing(Layers layers) {
  private static final int LABEL = 44;
  private static final int ROW = 16;
  private static final int TOP = 36;
  private static final int MOST = 72; // cells in a row of one part
  private static final int BAR = 66; // "sensitivity" stands above it
  private static final int SPACE = 16;
  private static final int LETTER = 7; // about as wide as a letter is
  private static final int LEVELS = 4;
  private static final int FEW = 16; // up to so many cells are drawn with gaps
  private static final String STYLE =
      """
      text{font:12px system-ui,sans-serif;fill:#1f2430}.kept{fill:#2563a8}.gone{fill:none;\
      stroke:#7b8494;stroke-width:.7}.sense{fill:#b45309}
      @media (prefers-color-scheme:dark){text{fill:#e6e8ee}.kept{fill:#6ea8ea}.gone{stroke:#8e97a8}\
      .sense{fill:#f0a35a}}\
      """;

  /** A column of the drawing. */
  private record Column(String part, int x, int cells, int width) {
    int bar() {
      return x + cells * width + 6;
    }

    int end() {
      return Math.max(bar() + BAR, x + LETTER * word(part).length()) + SPACE;
    }
  }

  /** Adds the drawing at the end of {@code parent}, which defines the colours. */
  void addTo(Element parent) {
    var columns = columns();
    int width = columns.isEmpty() ? LABEL : columns.get(columns.size() - 1).end();
    int height = TOP + ROW * layers.count() + 4;
    var svg = parent.appendElement("svg").attr("xmlns", "http://www.w3.org/2000/svg");
    svg.attr("viewBox", "0 0 %d %d".formatted(width, height)).attr("width", "" + width);
    svg.attr("height", "" + height).attr("role", "img").addClass("model");
    svg.attr(
        "aria-label",
        "The model, layer by layer: what is left, what was removed"
            + (layers.profiled() ? ", how sensitive it was" : ""));
    columns.forEach(column -> head(svg, column));
    for (int layer = 0; layer < layers.count(); layer++) {
      text(svg, LABEL - 10, TOP + ROW * layer + 11, "" + layer).attr("text-anchor", "end");
    }
    double most =
        layers.drawn().stream()
            .mapToDouble(Layers.Part::sensitivity)
            .filter(Double::isFinite)
            .max()
            .orElse(0);
    for (var column : columns) {
      layers.drawn().stream()
          .filter(part -> part.part().equals(column.part()))
          .forEach(part -> part(svg, column, part, most));
    }
  }

  /** The drawing as a separate SVG file. */
  String svg() {
    var document = new Document("", "");
    document.outputSettings().syntax(Document.OutputSettings.Syntax.xml).prettyPrint(false);
    document.parser(Parser.xmlParser());
    addTo(document);
    document.child(0).prependElement("style").appendChild(new DataNode(STYLE));
    return document.outerHtml() + "\n";
  }

  private List<Column> columns() {
    var columns = new ArrayList<Column>();
    int x = LABEL;
    for (Map.Entry<String, Integer> part : layers.widest().entrySet()) {
      int cells = Math.min(part.getValue(), MOST);
      var column = new Column(part.getKey(), x, cells, cells <= FEW ? 12 : 4);
      columns.add(column);
      x = column.end();
    }
    return columns;
  }

  private void head(Element svg, Column column) {
    text(svg, column.x(), 12, word(column.part()));
    if (layers.profiled()) {
      text(svg, column.bar(), 26, "sensitivity");
    }
  }

  private static String word(String part) {
    return switch (part) {
      case "attention.kvHeads" -> "heads (key-value)";
      case "mlp.channels" -> "channels of the MLP";
      default -> part;
    };
  }

  private static void part(Element svg, Column column, Layers.Part part, double most) {
    int y = TOP + ROW * part.layer();
    int cells = Math.min(part.size(), column.cells());
    var group = svg.appendElement("g");
    Html.add(
        group,
        "title",
        String.format(Locale.ROOT, "%s: %,d of %,d left", part.axis(), part.kept(), part.size()));
    int side = column.width() > 4 ? 10 : 4;
    var paths = new TreeMap<Integer, StringJoiner>();
    for (int cell = 0; cell < cells; cell++) {
      int from = (int) ((long) cell * part.size() / cells);
      int to = (int) ((long) (cell + 1) * part.size() / cells);
      double gone = (double) part.gone().get(from, to).cardinality() / (to - from);
      var square = "M%d %dh%dv12h-%dz".formatted(column.x() + cell * column.width(), y, side, side);
      paths.computeIfAbsent(level(gone), level -> new StringJoiner("")).add(square);
    }
    paths.forEach((level, path) -> path(group, level, path.toString()));
    bar(group, column, part, most, y);
  }

  /** The shade of a cell: from 0, nothing removed, to {@link #LEVELS}, everything removed. */
  private static int level(double gone) {
    return gone == 0
        ? 0
        : gone == 1 ? LEVELS : Math.max(1, Math.min(LEVELS - 1, (int) Math.round(gone * LEVELS)));
  }

  private static void path(Element group, int level, String path) {
    var cells = group.appendElement("path").attr("d", path);
    cells.addClass(level == LEVELS ? "gone" : "kept");
    if (level > 0 && level < LEVELS) {
      cells.attr("fill-opacity", "" + (1 - 0.85 * level / LEVELS));
    }
  }

  private static void bar(Element group, Column column, Layers.Part part, double most, int y) {
    if (part.sensitivity() > 0 && most > 0) {
      var width = String.format(Locale.ROOT, "%.1f", BAR * part.sensitivity() / most);
      group
          .appendElement("rect")
          .addClass("sense")
          .attr("x", "" + column.bar())
          .attr("y", "" + (y + 3))
          .attr("width", width)
          .attr("height", "6");
    }
  }

  private static Element text(Element svg, int x, int y, String words) {
    return Html.add(svg, "text", words).attr("x", "" + x).attr("y", "" + y);
  }
}
