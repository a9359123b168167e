package io.lorashear.spark.source.wikitext;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Text with language variants, {@code -{zh-hans:…; zh-hant:…}-}: chooses the variant in which the
 * page itself is mostly written, judged by its characters.
 */
final class Variants {
  private static final Pattern LANGUAGE =
      Pattern.compile("(?:zh|gan|wuu|sr|sh|kk|ku|crh|iu|ike|shi|tg|tly|uz|zgh|ban|mni)(?:-.*)?");
  private static final Pattern CODED =
      Pattern.compile("-\\{[^{}]{0,200}?(?:zh|gan|wuu|sr|sh|kk|ku|crh|uz|tg|iu)(?:-[a-z]{2,4})?:");
  private static final Pattern RULE =
      Pattern.compile("\\s*+(?:[^:;]{0,200}=>\\s*+)?([a-z]{2,3}(?:-[a-z]{2,8}){0,2})\\s*+:");
  private static final Pattern FLAGS =
      Pattern.compile("\\s*(?:[A-Z-](?:\\s*;\\s*[A-Z-])*|[a-z]{2,3}-[a-z;\\s-]{2,80})?\\s*");
  private static final int LONGEST_FLAGS = 100;
  private static final Pattern HIDING =
      Pattern.compile("\\s*(?:[A-Z-]\\s*;\\s*)*[HT-](?:\\s*;\\s*[A-Z-])*\\s*");

  /** The same frequent Chinese characters in simplified and in traditional form. */
  private static final String SIMPLIFIED = "国这们会来时为学对说发经点从动两长样现见实还关门问间东车书马";

  private static final String TRADITIONAL = "國這們會來時為學對說發經點從動兩長樣現見實還關門問間東車書馬";

  private static final List<String> CYRILLIC = List.of("ec", "cyrl", "kz");
  private static final List<String> LATIN = List.of("el", "latn", "tr");
  private static final List<String> ARABIC = List.of("arab", "cn");
  private static final List<String> SIMPLIFIED_CODES = List.of("hans", "cn", "sg", "my");
  private static final List<String> TRADITIONAL_CODES = List.of("hant", "tw", "hk", "mo");

  private final List<String> preferred;

  private Variants(List<String> preferred) {
    this.preferred = preferred;
  }

  /**
   * Whether a page of a wiki in {@code language} may have variants; the page is also checked,
   * because headers of dumps may name the wrong language.
   */
  static boolean has(String language, String page) {
    return LANGUAGE.matcher(language).matches()
        || CODED.matcher(page).find()
        || Letters.of(page).notLatin();
  }

  /** The variants that a page is written in, best first. */
  static Variants of(String page) {
    var letters = Letters.of(page);
    if (letters.simplified + letters.traditional > 0) {
      var older = letters.traditional > letters.simplified;
      return new Variants(older ? TRADITIONAL_CODES : SIMPLIFIED_CODES);
    }
    return new Variants(
        letters.isMost(letters.cyrillic)
            ? CYRILLIC
            : letters.isMost(letters.arabic) ? ARABIC : LATIN);
  }

  /** Counts of a page's letters by script. */
  private static final class Letters {
    private int latin;
    private int cyrillic;
    private int arabic;
    private int han;
    private int simplified;
    private int traditional;

    static Letters of(String page) {
      var letters = new Letters();
      for (var i = 0; i < page.length(); i++) {
        letters.count(page.charAt(i));
      }
      return letters;
    }

    private void count(char c) {
      if (c < 0x250) {
        latin += Character.isLetter(c) ? 1 : 0;
      } else if (c >= 0x400 && c < 0x530) {
        cyrillic++;
      } else if (c >= 0x600 && c < 0x780) {
        arabic++;
      } else if (c >= 0x4e00 && c < 0xa000) {
        han++;
        simplified += SIMPLIFIED.indexOf(c) >= 0 ? 1 : 0;
        traditional += TRADITIONAL.indexOf(c) >= 0 ? 1 : 0;
      }
    }

    /**
     * Whether the script is the main one; Latin letters count half, because names of templates and
     * files are Latin in any script.
     */
    boolean isMost(int ofScript) {
      return ofScript * 2 > latin;
    }

    boolean notLatin() {
      return isMost(cyrillic) || isMost(arabic) || isMost(han);
    }
  }

  /**
   * The text that a page shows for a variant.
   *
   * @param parts text between the braces, divided at its bars
   */
  String text(List<String> parts) {
    var flags = parts.get(0).strip();
    var flagged =
        parts.size() > 1 && flags.length() <= LONGEST_FLAGS && FLAGS.matcher(flags).matches();
    if (flagged && HIDING.matcher(flags).matches()) {
      return "";
    }
    var content = String.join("|", flagged ? parts.subList(1, parts.size()) : parts);
    var texts = byCode(content);
    return texts.isEmpty() ? content : best(texts);
  }

  private String best(Map<String, String> texts) {
    for (var code : preferred) {
      for (var text : texts.entrySet()) {
        if (text.getKey().endsWith("-" + code)) {
          return text.getValue();
        }
      }
    }
    return texts.values().iterator().next();
  }

  /**
   * Text by language code. A rule ends at a semicolon that precedes the next rule; any other
   * semicolon is text.
   */
  private static Map<String, String> byCode(String content) {
    var texts = new LinkedHashMap<String, String>();
    var rule = RULE.matcher(content);
    if (!rule.lookingAt()) {
      return texts;
    }
    var code = rule.group(1);
    var start = rule.end();
    for (var at = content.indexOf(';', start); at >= 0; at = content.indexOf(';', at + 1)) {
      if (rule.region(at + 1, content.length()).lookingAt()) {
        texts.putIfAbsent(code, content.substring(start, at).strip());
        code = rule.group(1);
        start = rule.end();
      }
    }
    var last = content.substring(start).strip();
    texts.putIfAbsent(code, last.endsWith(";") ? last.substring(0, last.length() - 1) : last);
    return texts;
  }
}
