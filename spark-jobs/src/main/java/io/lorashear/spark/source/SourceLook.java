package io.lorashear.spark.source;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Result of inspecting the files of a source: settings that do not fit, and remarks. */
record SourceLook(SourceSettings source, int index, Inspection inspection, FirstRecords first) {
  private static final int MOST_NAMES = 8;

  /**
   * The setting that fits none of the records.
   *
   * @param read number of files that can be read
   */
  Optional<String> problem(int read) {
    return fields(read).map(this::problem).or(() -> first.invalid().map(this::noJson));
  }

  private Optional<String> fields(int read) {
    return read == 0 && !inspection.columns().isEmpty()
        ? Optional.of(Fields.names(List.copyOf(inspection.columns())))
        : first.otherFields(source.textField(), inspection.columns());
  }

  private String problem(String fields) {
    var instructions =
        source.format() == Format.INSTRUCTIONS
            || source.format() == Format.AUTO && source.corpus() == Corpus.ALPACA;
    return instructions
        ? ("sources[%d] (%s): none of its records is an instruction in a form that is known; they"
                + " have: %s")
            .formatted(index, source.label(), fields)
        : ("sources[%d].textField is \"%s\"; its records have: %s (source %s): name the field with"
                + " the text")
            .formatted(index, source.textField(), fields, source.label());
  }

  private String noJson(String record) {
    return "sources[%d] (%s): none of its first records is JSON; one is: %s"
        .formatted(index, source.label(), record);
  }

  /**
   * A remark on other files next to those of the source.
   *
   * @param leavings names of those files
   */
  Optional<String> beside(List<String> leavings) {
    var more = leavings.size() - MOST_NAMES;
    var names = leavings.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
    var rest = more > 0 ? " and %d more".formatted(more) : "";
    return leavings.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "source %s: left out as no documents, %d: %s%s"
                .formatted(source.label(), leavings.size(), names, rest));
  }
}
