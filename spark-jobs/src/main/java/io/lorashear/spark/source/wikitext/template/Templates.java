package io.lorashear.spark.source.wikitext.template;

import io.lorashear.spark.source.wikitext.Words;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces template calls in the prose. Boxes, notes and references leave nothing; templates that
 * format words of a sentence leave those words. An unknown template leaves its first argument if
 * that is text and the sentence would have a gap without it.
 */
public final class Templates {
  private static final Words WORDS = Words.read("template/templates.txt");
  private static final Map<String, String> RULES = rules();
  private static final Set<String> BEGINNINGS = WORDS.in("nothing, beginning so");
  private static final Set<String> ENDINGS = WORDS.in("nothing, ending so");
  private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[A-Za-z]{2,8})?");
  private static final Pattern CODE = Pattern.compile("(?![IVXLC]+$)[A-Z]{2,3}(-[A-Z0-9]{1,4})?");
  private static final Pattern FILE =
      Pattern.compile(
          "(?i).*\\.(jpe?g|png|gif|svg|tiff?|webp|ogg|oga|ogv|webm|wav|mp3|pdf|djvu)\\s*");
  private static final int LONGEST = 1000;
  private static final int SHORTEST_PROSE = 60;

  /**
   * The replacement of a call.
   *
   * @param known whether its template is known, or leaves no gap in a sentence
   */
  public record Result(String text, boolean known) {}

  private Templates() {}

  private static Map<String, String> rules() {
    var rules = new HashMap<>(WORDS.byWord(""));
    rules.values().removeIf(rule -> rule.startsWith("nothing,"));
    WORDS.in("nothing").forEach(name -> rules.put(name, "nothing"));
    WORDS.in("century").forEach(name -> rules.put(name, "century"));
    return Map.copyOf(rules);
  }

  /**
   * The wikitext that replaces a call.
   *
   * @param title title of the page
   * @param language language of the wiki, or empty
   */
  public static Result of(Call written, String title, String language, Sentence sentence) {
    var call = Functions.named(written);
    var function = Functions.text(call, title);
    if (function != null) {
      return new Result(function, !call.rawName().startsWith("#invoke"));
    }
    var rule = rule(call, language, sentence);
    var text = rule == null ? null : Rules.text(rule, call, sentence);
    return text == null ? unknown(call, sentence) : new Result(text, true);
  }

  private static @Nullable String rule(Call call, String language, Sentence sentence) {
    var own = RULES.get(language + ":" + call.name());
    var rule = own == null ? RULES.get(call.name()) : own;
    if (rule != null) {
      return rule;
    } else if (call.name().startsWith("lang-") || call.name().startsWith("link-")) {
      return "first";
    } else if (leavesNothing(call.name())) {
      return "nothing";
    }
    return sentence.isLine() || sentence.breaks() ? ownName(call) : null;
  }

  private static boolean leavesNothing(String name) {
    for (var beginning : BEGINNINGS) {
      if (name.startsWith(beginning) && isEdge(name, beginning.length(), beginning.endsWith("-"))) {
        return true;
      }
    }
    for (var ending : ENDINGS) {
      if (name.endsWith(ending) && isEdge(name, name.length() - ending.length() - 1, false)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isEdge(String name, int at, boolean anything) {
    return anything || at < 0 || at >= name.length() || !Character.isLetter(name.charAt(at));
  }

  private static @Nullable String ownName(Call call) {
    if (Dates.isNumeral(call.rawName())) {
      return "name and first";
    }
    return call.count() == 0 && Chemistry.isFormula(call.rawName()) ? "formula" : null;
  }

  private static Result unknown(Call call, Sentence sentence) {
    if (sentence.isLine()) {
      return new Result(sentence.breaks() ? words(call) : "", sentence.isListed());
    }
    var text = words(call);
    var whole = sentence.breaks();
    return new Result(whole ? text : "", !whole && text.length() < SHORTEST_PROSE);
  }

  /** The first argument without a name, or the second if the first is its language. */
  private static String words(Call call) {
    var languageFirst = call.count() == 2 && LANGUAGE.matcher(call.at(1)).matches();
    var isName = languageFirst && isLanguage(call.at(1));
    var words = call.at(isName ? 2 : 1);
    var isCode = call.count() > 1 && CODE.matcher(words).matches();
    return isText(words) && !isCode ? words : "";
  }

  private static boolean isLanguage(String code) {
    var language = code.contains("-") ? code.substring(0, code.indexOf('-')) : code;
    return Set.of(Locale.getISOLanguages()).contains(language)
        || language.length() == 3
            && !Locale.forLanguageTag(language).getDisplayLanguage(Locale.ENGLISH).equals(language);
  }

  private static boolean isText(String text) {
    return !text.isEmpty()
        && text.length() <= LONGEST
        && text.indexOf('\n') < 0
        && text.codePoints().anyMatch(Character::isLetterOrDigit)
        && !text.contains("://")
        && !text.startsWith("#")
        && !FILE.matcher(text).matches();
  }
}
