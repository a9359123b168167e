package io.lorashear.spark.source.wikitext;

import io.lorashear.spark.source.wikitext.template.Call;
import io.lorashear.spark.source.wikitext.template.Sentence;
import io.lorashear.spark.source.wikitext.template.Templates;
import java.util.ArrayList;
import java.util.List;

/** Replaces calls of templates and language variants by their words. */
final class Transclusions {
  private static final int DEEPEST = 30;

  /** Number of calls right after a call that are skipped to see how the sentence continues. */
  private static final int BESIDE = 5;

  private final String text;
  private final Page page;
  private final int depth;
  private final int[] ends;
  private final StringBuilder out;
  private int lineStart;
  private int looked;

  private Transclusions(String text, Page page, int depth) {
    this.text = text;
    this.page = page;
    this.depth = depth;
    ends = Brackets.ofTemplates(text, page.hasVariants());
    out = new StringBuilder(text.length());
  }

  static String expanded(String text, Page page) {
    return expanded(text, page, 0);
  }

  private static String expanded(String text, Page page, int depth) {
    if (text.indexOf('{') < 0) {
      return text;
    }
    return depth > DEEPEST ? "" : new Transclusions(text, page, depth).expand();
  }

  private String expand() {
    var copied = 0;
    var i = 0;
    while (i < text.length()) {
      var c = text.charAt(i);
      if (ends[i] > 0 && c != '[') {
        out.append(text, copied, i);
        out.append(c == '{' ? template(i) : variant(i));
        copied = ends[i];
        i = copied;
      } else {
        i++;
      }
    }
    return out.append(text, copied, text.length()).toString();
  }

  private String inner(String wikitext) {
    return expanded(wikitext, page, depth + 1);
  }

  private String template(int i) {
    if (text.startsWith("{{{", i) && text.startsWith("}}}", ends[i] - 3)) {
      var parts = parts(i + 3, ends[i] - 3);
      return parts.size() > 1 ? inner(parts.get(1)) : "";
    }
    var parts = parts(i + 2, ends[i] - 2);
    var written = parts.get(0);
    var name = written.contains("{{") && !written.contains(":") ? inner(written) : written;
    var call = new Call(name, parts.subList(1, parts.size()), this::inner);
    var result = Templates.of(call, page.title(), page.language(), around(i));
    if (!result.known()) {
      page.unknown(name, text.substring(i, Math.min(ends[i], i + Page.EXAMPLE)));
    }
    return result.text();
  }

  private Sentence around(int i) {
    var edge = depth == 0 ? "\n" : "";
    var before = edge + out.substring(Math.max(0, out.length() - Sentence.REACH));
    var next = ends[i];
    for (var more = 0; more < BESIDE && isTemplate(next); more++) {
      next = ends[next];
    }
    var until = Math.min(text.length(), next + Sentence.REACH);
    return new Sentence(before, text.substring(next, until) + edge, isListed());
  }

  /** Whether the current output line begins like a list or a table. */
  private boolean isListed() {
    for (; looked < out.length(); looked++) {
      lineStart = out.charAt(looked) == '\n' ? looked + 1 : lineStart;
    }
    return lineStart < out.length() && "*#|!".indexOf(out.charAt(lineStart)) >= 0;
  }

  private boolean isTemplate(int i) {
    return i < text.length() && text.charAt(i) == '{' && ends[i] > 0;
  }

  private String variant(int i) {
    return inner(page.variants().text(parts(i + 2, ends[i] - 2)));
  }

  /** The parts between {@code from} and {@code to}, divided at bars outside brackets. */
  private List<String> parts(int from, int to) {
    var parts = new ArrayList<String>();
    var start = from;
    for (var i = from; i < to; i++) {
      if (ends[i] > 0 && ends[i] <= to) {
        i = ends[i] - 1;
      } else if (text.charAt(i) == '|') {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start, to));
    return parts;
  }
}
