package io.lorashear.report;

import java.util.List;
import java.util.function.Consumer;
import org.jsoup.nodes.Element;

/**
 * A table of numbers, optionally with a chart. The browser draws the chart from the numbers in the
 * table; without scripts the table is shown.
 */
final class Table {
  private final Element body;

  /**
   * @param kind kind of chart for the script
   * @param axis label of the numbers
   * @param scale "linear" or "log"
   */
  record Picture(String kind, String axis, String scale) {}

  private Table(Element body) {
    this.body = body;
  }

  /** A table at the end of {@code section}. */
  static Table plain(Element section, String caption, List<String> columns) {
    var figure = section.appendElement("figure");
    Html.add(figure, "figcaption", caption);
    return new Table(table(figure, caption, columns));
  }

  /** A long table that can be unfolded. */
  static Table folded(Element section, String caption, List<String> columns) {
    var details = section.appendElement("details");
    Html.add(details, "summary", caption);
    return new Table(table(details, caption, columns));
  }

  /** A table with a chart. */
  static Table drawn(Element section, String caption, Picture picture, List<String> columns) {
    var figure = section.appendElement("figure").addClass("chart");
    figure.attr("data-kind", picture.kind());
    figure.attr("data-axis", picture.axis()).attr("data-scale", picture.scale());
    Html.add(figure, "figcaption", caption);
    var details = figure.appendElement("details");
    Html.add(details, "summary", "The figures of this picture");
    return new Table(table(details, caption, columns));
  }

  private static Element table(Element place, String caption, List<String> columns) {
    var scroll = place.appendElement("div").addClass("scroll").attr("tabindex", "0");
    scroll.attr("role", "region").attr("aria-label", "Table: " + caption);
    var table = scroll.appendElement("table");
    var head = table.appendElement("thead").appendElement("tr");
    columns.forEach(column -> Html.name(head.appendElement("th").attr("scope", "col"), column));
    return table.appendElement("tbody");
  }

  /** A row whose header cell {@code head} writes. */
  Row row(Consumer<Element> head) {
    var row = body.appendElement("tr");
    head.accept(row.appendElement("th").attr("scope", "row"));
    return new Row(row);
  }

  /** A row that begins with a word from a file. */
  Row row(String name) {
    return row(head -> Html.name(head, name));
  }

  /** The cells of a row, from left to right. */
  record Row(Element row) {
    Row number(Found found, Form form) {
      Html.number(cell(), found, form);
      return this;
    }

    /** A number with its 95 % interval. */
    Row number(Found found, Found low, Found high, Form form) {
      var cell = cell();
      Html.number(cell, found, form);
      if (low.exists() && high.exists()) {
        var interval = cell.appendText(" ").appendElement("span").addClass("interval");
        Html.number(interval.appendText("("), low, form);
        Html.number(interval.appendText(" to "), high, form);
        interval.appendText(")");
      }
      return this;
    }

    /** A number and its standard error. */
    Row withError(Found found, Found error, Form form) {
      var cell = cell();
      Html.number(cell, found, form);
      if (error.exists()) {
        var around = cell.appendText(" ").appendElement("span").addClass("error");
        Html.number(around.appendText("± "), error, form);
      }
      return this;
    }

    /** A word from a file. */
    Row name(String word) {
      Html.name(row.appendElement("td"), word);
      return this;
    }

    /** A word of the page. */
    Row text(String word) {
      Html.add(row, "td", word);
      return this;
    }

    private Element cell() {
      return row.appendElement("td").addClass("number");
    }
  }
}
