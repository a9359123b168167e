package io.lorashear.spark.source.text;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The marker lines around the books of Project Gutenberg (United States, Australia and Canada)
 * since 1991, collected from its texts and from the lists of other programs.
 *
 * <pre>
 *   *** START OF THE PROJECT GUTENBERG EBOOK … ***    since 2004; THIS, COPYRIGHTED, without spaces
 *   *END*THE SMALL PRINT! … *END*                     earlier: the licence came first
 *   *** END OF …    End of Project Gutenberg's …      also in the language of the book
 *   **The Legal Small Print**                         2002 and 2003: the licence comes last
 *   [End of …, by …]                                  Canada
 * </pre>
 *
 * @param beginnings lines after which a book begins, the most reliable first
 * @param ends lines at which a book has ended, and first lines of the licence after it
 */
record GutenbergMarkers(List<MatchResult> beginnings, List<MatchResult> ends) {
  private static final String BEGINS =
      "(?:START|BEGIN(?:NING|N)?|ANFANG|D[EÉ]BUT|INIZIO|INICIO|COMIENZO|IN[IÍ]CIO|ALKU)";

  private static final String ENDS =
      "(?:ENDS?|ENDE|FINE?|FINAL|FIM|EINDE?|SLUT|SLUTT|LOPPU|KONIEC|KONEC|KRAJ|V[EÉ]GE"
          + "|SF[AÂ]R[SȘŞ]IT(?:UL)?)";

  private static final Pattern START =
      Pattern.compile(
          "(?imu)\\*{2,}[ \\t]*"
              + BEGINS
              + "\\b[^*\\n"
              + "]{0,60}GUTENBERG\\b(?:[^*\\n"
              + "]*(?:\\n"
              + "[^*\\n"
              + "]*\\S[^*\\n"
              + "]*){0,3}\\*{2,}|[^\\n"
              + "]*)|^[ \\t]*Beginning of (?:this|the) Project Gutenberg[^\\n"
              + "]*$");

  private static final Pattern SMALL_PRINT_ENDS =
      Pattern.compile(
          "(?im)^[ \\t]*(?:\\*END[ *]*THE SMALL PRINT|\\*+ *SMALL PRINT!|\\[\"Small Print\" V\\.)"
              + "[^\\n]*$");

  private static final Pattern END =
      Pattern.compile(
          "(?imu)\\*{2,}[ \\t]*(?:THE )?"
              + ENDS
              + "\\b[^*\\n]{0,80}GUTENBERG[^\\n]*"
              + "|^[ \\t\\p{Punct}]{0,12}(?:THE |THIS IS THE |HERE )?"
              + ENDS
              + "\\b[^\\n]{0,80}?(?:\\n[^\\n]{0,12}?)?(?:GUTENB[EU]RG|E-?TEXT|E-?BOOK)[^\\n]*"
              + "|^[ \\t\\p{Punct}]{0,12}(?:The )?Pro[jy]e[ck]t Gutenberg[^\\n]{0,120}"
              + "\\b(?:LOPPU\\w*|PÄÄTTY\\w*|SLUT|V[EÉ]GE|ENDS HERE)\\b[^\\n]*"
              + "|^[ \\t*]*This is a COPYRIGHTED Project Gutenberg[^\\n]*Details Above[^\\n]*"
              + "|^[ \\t*]*(?:The )?Legal \"?Small Print\"?[ \\t*]*$"
              + "|^[ \\t*]*START\\W+THE SMALL PRINT[^\\n]*"
              + "|^[ \\t*]*(?:START: FULL|THE FULL PROJECT GUTENBERG(?:-TM|™)?) LICEN[CS]E[^\\n]*"
              + "|^Section 1\\. +General Terms of Use and Redistributing[^\\n]*"
              + "|^[^\\n]*More information about this book is at the top of this file[^\\n]*"
              + "|^[^\\n]*This site is full of FREE ebooks[^\\n]*"
              + "|^[ \\t]*\\[\\s*(?:The )?End of [^\\]\\n]{1,120}\\sby\\s[^\\]\\n]{1,80}\\]");

  /** Maximum number of characters between the asterisks of a marker and the name in it. */
  private static final int BEFORE_NAME = 100;

  private static final Pattern NAME = Pattern.compile("(?i)gutenb[eu]rg");

  /** A notice between the scenes of some plays. */
  private static final Pattern NOTICE =
      Pattern.compile("(?i)<<\\s*THIS ELECTRONIC VERSION OF[^<>]{0,2000}>>");

  /** All markers of a text, in order; none if it does not mention an e-text. */
  static GutenbergMarkers of(String text) {
    var places = places(text);
    var beginnings = new ArrayList<>(found(START, text, places));
    beginnings.addAll(found(SMALL_PRINT_ENDS, text, places));
    return new GutenbergMarkers(beginnings, found(END, text, places));
  }

  /**
   * Positions where a marker may begin: lines that name an e-text, the lines before them, and
   * asterisks in these.
   */
  private static NavigableSet<Integer> places(String text) {
    var places = new TreeSet<Integer>();
    for (var i = 0; i < text.length(); i++) {
      if (isSaid(text, i)) {
        var line = text.lastIndexOf('\n', i) + 1;
        places.add(line);
        places.add(text.lastIndexOf('\n', line - 2) + 1);
        asterisks(text, Math.max(line, i - BEFORE_NAME), i).ifPresent(places::add);
      }
    }
    return places;
  }

  private static OptionalInt asterisks(String text, int from, int to) {
    return IntStream.range(from, to)
        .filter(i -> text.startsWith("**", i) && (i == 0 || text.charAt(i - 1) != '*'))
        .findFirst();
  }

  /**
   * Whether the text has at {@code at} the words that all such lines contain and few lines of a
   * book do; searched for without regular expressions.
   */
  private static boolean isSaid(String text, int at) {
    return switch (text.charAt(at)) {
      case 'g', 'G' -> text.regionMatches(true, at, "guten", 0, 5);
      case 's', 'S' -> text.regionMatches(true, at, "small print", 0, 11);
      case 't', 'T' -> text.regionMatches(true, at, "top of this file", 0, 16);
      case '[' -> true;
      case 'e', 'E' -> isElectronic(text, at + 1);
      default -> false;
    };
  }

  private static boolean isElectronic(String text, int at) {
    var from = text.startsWith("-", at) ? at + 1 : at;
    return text.regionMatches(true, from, "text", 0, 4)
        || text.regionMatches(true, from, "book", 0, 4);
  }

  private static List<MatchResult> found(Pattern marker, String text, Iterable<Integer> places) {
    var found = new ArrayList<MatchResult>();
    var matcher = marker.matcher(text).useAnchoringBounds(false).useTransparentBounds(true);
    var at = 0;
    for (int place : places) {
      if (place >= at && matcher.region(place, text.length()).lookingAt()) {
        found.add(matcher.toMatchResult());
        at = matcher.end();
      }
    }
    return found;
  }

  /** Whether there is a line that announces the begin of a book between two positions. */
  boolean beginsIn(int from, int to) {
    return beginnings.stream()
        .anyMatch(marker -> named(marker) && marker.start() >= from && marker.end() <= to);
  }

  /** Whether a line that ends a book is unambiguous. */
  static boolean sure(MatchResult end) {
    return end.group().startsWith("**") && named(end);
  }

  /** Whether a line names the project. */
  static boolean named(MatchResult marker) {
    return NAME.matcher(marker.group()).find();
  }

  /** The text without the notices between its scenes. */
  static String withoutNotices(String text) {
    return text.contains("<<") ? NOTICE.matcher(text).replaceAll("") : text;
  }
}
