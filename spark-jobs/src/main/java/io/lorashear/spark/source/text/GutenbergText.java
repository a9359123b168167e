package io.lorashear.spark.source.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The book in a Project Gutenberg e-text: without header, licence and credits, in paragraphs.
 *
 * <p>A marker counts only if the text that it would remove is only about the e-text: a line that
 * ends the first of two parts removes nothing, and a licence at the end of a file does not turn the
 * book before it into a header. A text without markers was stripped earlier and is taken whole.
 *
 * @param book its paragraphs, separated by blank lines; empty if there is only a licence and
 *     credits
 * @param cut number of characters of the file that are not part of it
 * @param inside number of markers between two parts of it
 * @param whole whether nothing would have remained, so that the whole file was taken
 */
public record GutenbergText(String book, int cut, int inside, boolean whole) {
  private static final int CREDITS_WITHIN = 8;

  /** Maximum length of the credits of a file without a book; a longer text is kept as a book. */
  private static final int CREDITS = 300;

  /** Maximum number of characters of a header about the book: its title, author, contents. */
  private static final int TITLE_PAGE = 1000;

  /** The same between two paragraphs of a header. */
  private static final int TITLE = 120;

  /** Number of characters after the end of a book that may be about anything. */
  private static final int LAST_WORDS = 40;

  /** The same after an unambiguous line, where a tenth of the book is also allowed. */
  private static final int LAST_WORDS_AFTER_ASTERISKS = 200;

  private static final Pattern NAME = Pattern.compile("(?i)gutenberg|proofreaders canada");

  /** The book in {@code file}, with any kind of line ends. */
  public static GutenbergText of(String file) {
    var lines = file.replace("\r\n", "\n").replace('\r', '\n');
    var text = GutenbergMarkers.withoutNotices(lines);
    var markers = GutenbergMarkers.of(text);
    var begin = begin(text, markers);
    var parts = parts(text, begin, end(text, begin, markers), markers);
    var body = Reflow.paragraphs(String.join("", parts));
    var book = withoutCredits(body);
    if (!book.isBlank()) {
      return new GutenbergText(book, lines.length() - length(parts), parts.size() - 1, false);
    }
    var nothing = isNoMoreThanCredits(body) && LicenceText.foreign(text, LAST_WORDS) <= LAST_WORDS;
    var whole = body.isBlank() ? Reflow.paragraphs(text) : body;
    return new GutenbergText(nothing ? "" : whole, 0, 0, !nothing);
  }

  private static boolean isNoMoreThanCredits(String body) {
    return body.isBlank()
        || body.length() <= CREDITS && Stream.of(body.split("\n\n")).allMatch(LicenceText::thanks);
  }

  private static int length(List<String> parts) {
    return parts.stream().mapToInt(String::length).sum();
  }

  private static int begin(String text, GutenbergMarkers markers) {
    for (var marker : markers.beginnings()) {
      if (endsHeader(text, marker)) {
        return marker.end();
      }
    }
    var ends = markers.ends();
    var before = ends.isEmpty() ? text : text.substring(0, ends.get(0).start());
    var end = LicenceText.endOfRun(before, 0, TITLE);
    return NAME.matcher(before).region(0, end).find() ? end : 0;
  }

  private static boolean endsHeader(String text, MatchResult marker) {
    var header = text.substring(0, marker.start());
    var rest = text.substring(marker.end());
    var most = Math.max(TITLE_PAGE, (int) (0.1 * rest.length()));
    var foreign = LicenceText.foreign(header, text.length());
    return LicenceText.nothingElse(header, most) && LicenceText.foreign(rest, foreign) >= foreign;
  }

  /** The end of the book: the first of the last markers without book text between them. */
  private static int end(String text, int begin, GutenbergMarkers markers) {
    var end = text.length();
    for (var i = markers.ends().size() - 1; i >= 0; i--) {
      var marker = markers.ends().get(i);
      var most = end == text.length() ? mostAfter(marker, begin) : LAST_WORDS;
      var between = text.substring(Math.min(end, afterTitle(text, marker)), end);
      if (marker.start() < begin
          || markers.beginsIn(marker.end(), end)
          || !LicenceText.nothingElse(between, most)) {
        break;
      }
      end = marker.start();
    }
    return end;
  }

  private static int mostAfter(MatchResult marker, int begin) {
    return GutenbergMarkers.sure(marker)
        ? Math.max(LAST_WORDS_AFTER_ASTERISKS, (marker.start() - begin) / 10)
        : LAST_WORDS;
  }

  /** The end of a title that continues below its marker. */
  private static int afterTitle(String text, MatchResult marker) {
    var blank = text.indexOf("\n\n", marker.end());
    return blank >= 0 && blank - marker.end() <= TITLE ? blank : marker.end();
  }

  /**
   * The parts of a book before, between and after the markers inside it and the headers below
   * these.
   */
  private static List<String> parts(String text, int begin, int end, GutenbergMarkers markers) {
    var inside = new ArrayList<>(markers.beginnings());
    inside.addAll(markers.ends());
    inside.removeIf(marker -> marker.end() > end || !GutenbergMarkers.named(marker));
    inside.sort(Comparator.comparingInt(MatchResult::start));
    var parts = new ArrayList<String>();
    var at = begin;
    for (var marker : inside) {
      if (marker.start() >= at) {
        parts.add(text.substring(at, marker.start()));
        at = Math.min(end, next(text, marker, markers));
      }
    }
    parts.add(text.substring(at, end));
    return parts;
  }

  /** The begin of the next part: after its header, if it has one. */
  private static int next(String text, MatchResult marker, GutenbergMarkers markers) {
    for (var beginning : markers.beginnings()) {
      if (beginning.start() >= marker.end()) {
        var between = text.substring(marker.end(), beginning.start());
        if (LicenceText.nothingElse(between, LAST_WORDS)) {
          return beginning.end();
        }
      }
    }
    return LicenceText.endOfRun(text, marker.end(), 0);
  }

  /** The book without paragraphs at its begin about the e-text and its makers. */
  private static String withoutCredits(String book) {
    var paragraphs = List.of(book.split("\n\n", CREDITS_WITHIN + 1));
    var first = paragraphs.subList(0, Math.min(CREDITS_WITHIN, paragraphs.size()));
    var kept = new ArrayList<String>();
    for (var i = 0; i < first.size(); i++) {
      var paragraph = first.get(i);
      if (LicenceText.thanks(paragraph)
          || (kept.isEmpty() && LicenceText.isAboutItself(paragraph))) {
        i = endOfNote(first, i);
      } else {
        kept.add(paragraph);
      }
    }
    kept.addAll(paragraphs.subList(first.size(), paragraphs.size()));
    return String.join("\n\n", kept);
  }

  /** The paragraph that closes the bracket which the paragraph {@code note} begins with. */
  private static int endOfNote(List<String> paragraphs, int note) {
    var open = 0;
    for (var i = note; i < paragraphs.size() && paragraphs.get(note).startsWith("["); i++) {
      open += brackets(paragraphs.get(i));
      if (open <= 0) {
        return i;
      }
    }
    return note;
  }

  private static int brackets(String text) {
    return text.chars().map(c -> c == '[' ? 1 : c == ']' ? -1 : 0).sum();
  }
}
