package io.lorashear.spark.ingest;

import io.lorashear.settings.Settings;
import io.lorashear.spark.dedup.ExactDuplicates;
import io.lorashear.spark.dedup.NearDuplicates;
import io.lorashear.spark.source.SourceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Current values of the settings behind the drop reasons of a source.
 *
 * @param index index of the source among the settings' sources
 */
record Rules(IngestSettings settings, SourceSettings source, int index) {

  /**
   * Reasons with their counts, the most frequent first, and the setting behind each: {@code
   * too-long 3 (limits.recordBytes is 1024)}.
   */
  String words(SortedMap<String, Long> dropped) {
    var reasons = new ArrayList<Map.Entry<String, Long>>(dropped.entrySet());
    reasons.sort(Map.Entry.<String, Long>comparingByValue().reversed());
    return String.join(", ", reasons.stream().map(this::words).toList());
  }

  private String words(Map.Entry<String, Long> reason) {
    var setting = setting(reason.getKey());
    var why = setting.isEmpty() ? "" : " (%s)".formatted(setting);
    return "%s %,d%s".formatted(reason.getKey(), reason.getValue(), why);
  }

  private String setting(String reason) {
    var cleaning = settings.cleaning();
    return switch (reason) {
      case "too-long" -> is("limits.recordBytes", settings.limits().recordBytes());
      case "no-text-field" -> is(ofSource("textField"), "\"%s\"".formatted(source.textField()));
      case "invalid-json", "malformed-xml" ->
          is(ofSource("format"), Settings.word(source.format()));
      case "invalid-encoding" ->
          "convert to UTF-8 first, for example with iconv -f gb18030 -t utf-8";
      case "unreadable-file" -> is("badFiles", Settings.word(settings.badFiles()));
      case "nothing-left" -> String.join("; ", paragraphRules());
      case "irregular-characters" -> is("cleaning.irregularShare", cleaning.irregularShare());
      case "other-language" ->
          is("cleaning.language.language", cleaning.language().language())
              + ", "
              + is("cleaning.language.least", cleaning.language().least());
      case "repetition" -> is("cleaning.repetition.enabled", true);
      case "symbols" -> is("cleaning.symbols.enabled", true);
      case ExactDuplicates.REASON -> is("duplicates.exact", settings.duplicates().exact());
      case NearDuplicates.REASON -> is("duplicates.likeness", settings.duplicates().likeness());
      default -> reason.startsWith("leak-") ? "ingest.decontamination names the task" : "";
    };
  }

  /** The rules that remove paragraphs; a document is dropped with its last one. */
  private List<String> paragraphRules() {
    var cleaning = settings.cleaning();
    var rules = new ArrayList<String>();
    if (cleaning.paragraphTokens() > 0) {
      rules.add(
          is("cleaning.paragraphTokens", cleaning.paragraphTokens())
              + ": paragraphs of so many tokens or fewer go; 0 keeps all");
    }
    if (cleaning.boilerplate().enabled()) {
      rules.add(is("cleaning.boilerplate.enabled", true));
    }
    if (settings.duplicates().paragraphs()) {
      rules.add(is("duplicates.paragraphs", true));
    }
    return rules;
  }

  private String ofSource(String setting) {
    return "sources[%d].%s".formatted(index, setting);
  }

  private static String is(String setting, Object value) {
    return "%s is %s".formatted(setting, value);
  }
}
