package io.lorashear.spark.source.wikitext;

import java.util.ArrayList;
import java.util.List;

/**
 * Which apostrophes mean italics and bold, line by line as in MediaWiki's {@code doQuotes}: two
 * mean italics, three bold, five both; of four or more than five, the first ones are plain
 * apostrophes. If a line has an odd number of both italics and bold, one run of three is a plain
 * apostrophe and italics: the first one after a word of one letter, else after a longer word, else
 * after a blank.
 *
 * <p>If bold and italics still overlap, as in {@code dell'''Iliade'' e dell'''Odissea''}, MediaWiki
 * shows a word without its apostrophe. In that case runs of three inside words are read here as an
 * apostrophe and italics, if all runs then nest.
 */
final class Apostrophes {
  private static final String BEGINS_BLOCK = "*#:;|!=-{";

  /** Bold and italics opened together; which one is inside is known when one of them ends. */
  private static final String BOTH = "?!";

  private static final String CROSSED = "x";

  private final List<StringBuilder> texts = new ArrayList<>();
  private final List<Integer> runs = new ArrayList<>();

  private Apostrophes(String line) {
    var text = new StringBuilder();
    var i = 0;
    while (i < line.length()) {
      var end = i;
      while (end < line.length() && line.charAt(end) == '\'') {
        end++;
      }
      if (end - i < 2) {
        text.append(line.charAt(i++));
      } else {
        add(text, end - i);
        text = new StringBuilder();
        i = end;
      }
    }
    texts.add(text);
  }

  static String without(String text) {
    var quotes = text.indexOf("''");
    if (quotes < 0) {
      return text;
    }
    var out = new StringBuilder(text.length());
    var copied = 0;
    for (; quotes >= 0; quotes = text.indexOf("''", copied)) {
      var start = text.lastIndexOf('\n', quotes) + 1;
      var newline = text.indexOf('\n', quotes);
      var end = newline < 0 ? text.length() : newline + 1;
      out.append(text, copied, start).append(new Apostrophes(text.substring(start, end)).line());
      copied = end;
    }
    return out.append(text, copied, text.length()).toString();
  }

  private void add(StringBuilder text, int run) {
    var marks = run == 4 ? 3 : Math.min(run, 5);
    text.append("'".repeat(run - marks));
    texts.add(text);
    runs.add(marks);
  }

  private String line() {
    var italics = odd(3) && odd(2) ? apostrophe() : -1;
    var asMediaWiki = italicsAt(italics < 0 ? List.of() : List.of(italics));
    var within = insideWords(runs);
    if (nests(asMediaWiki)) {
      within = List.of();
    } else if (nests(italicsAt(within))) {
      italics = -1;
    } else {
      within = insideWords(asMediaWiki);
      var both = new ArrayList<>(within);
      both.add(italics);
      within = italics >= 0 && nests(italicsAt(both)) ? within : List.of();
    }
    within.forEach(i -> texts.get(i).append('\''));
    if (italics >= 0) {
      texts.get(italics).append('\'');
    }
    return joined();
  }

  private String joined() {
    var line = String.join("", texts);
    var begins = texts.get(0).isEmpty() && !line.isEmpty();
    return begins && BEGINS_BLOCK.indexOf(line.charAt(0)) >= 0 ? Marks.TEXT + line : line;
  }

  private boolean odd(int kind) {
    return runs.stream().filter(run -> run == kind || run == 5).count() % 2 == 1;
  }

  /** The run of three that is read as an apostrophe and italics, or -1. */
  private int apostrophe() {
    var afterWord = -1;
    var afterBlank = -1;
    for (var i = 0; i < runs.size(); i++) {
      if (runs.get(i) == 3) {
        var last = fromEnd(texts.get(i), 1);
        if (last == ' ') {
          afterBlank = afterBlank < 0 ? i : afterBlank;
        } else if (fromEnd(texts.get(i), 2) == ' ') {
          return i;
        } else if (afterWord < 0) {
          afterWord = i;
        }
      }
    }
    return afterWord < 0 ? afterBlank : afterWord;
  }

  private static char fromEnd(CharSequence text, int n) {
    return text.length() < n ? 0 : text.charAt(text.length() - n);
  }

  /** The runs, with those at {@code places} read as an apostrophe and italics. */
  private List<Integer> italicsAt(List<Integer> places) {
    var changed = new ArrayList<>(runs);
    places.forEach(i -> changed.set(i, 2));
    return changed;
  }

  private List<Integer> insideWords(List<Integer> ofRuns) {
    var within = new ArrayList<Integer>();
    for (var i = 0; i < ofRuns.size(); i++) {
      if (ofRuns.get(i) == 3 && isInsideWord(texts.get(i), texts.get(i + 1))) {
        within.add(i);
      }
    }
    return within;
  }

  private static boolean isInsideWord(CharSequence before, CharSequence after) {
    var last = fromEnd(before, 1);
    return (Character.isLetter(last) || last == ']')
        && !after.isEmpty()
        && (Character.isLetter(after.charAt(0)) || after.charAt(0) == '[');
  }

  /** Whether bold and italics are closed in the line and properly nested. */
  private static boolean nests(List<Integer> runs) {
    var open = "";
    for (int run : runs) {
      open =
          switch (run) {
            case 2 -> turned(open, "i");
            case 3 -> turned(open, "b");
            default ->
                open.isEmpty() ? BOTH : open.length() == 2 ? "" : open.equals("b") ? "i" : "b";
          };
      if (open.equals(CROSSED)) {
        return false;
      }
    }
    return open.isEmpty();
  }

  private static String turned(String open, String kind) {
    if (open.equals(BOTH)) {
      return kind.equals("i") ? "b" : "i";
    } else if (open.endsWith(kind)) {
      return open.substring(0, open.length() - 1);
    }
    return open.contains(kind) ? CROSSED : open + kind;
  }
}
