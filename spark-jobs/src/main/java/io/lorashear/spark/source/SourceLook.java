package io.lorashear.spark.source;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a first look at the files of a source showed about its settings, and what to know of it. */
record SourceLook(SourceSettings source, int index, Inspection inspection, FirstRecords first) {
  private static final int MOST_NAMES = 8;

  /**
   * The setting that fits none of the records.
   *
   * @param read how many files can be read
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
   * What lies beside the files of the source.
   *
   * @param leavings its names
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
