package io.lorashear.spark.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    var field = source.textField();
    var none = read == 0 && !inspection.columns().isEmpty();
    var fields =
        none
            ? Optional.of(Fields.names(List.copyOf(inspection.columns())))
            : first.otherFields(field);
    var instructions =
        source.format() == Format.INSTRUCTIONS
            || source.format() == Format.AUTO && source.corpus() == Corpus.ALPACA;
    return fields.map(
        names ->
            instructions
                ? ("sources[%d] (%s): none of its records is an instruction in a form that is"
                        + " known; they have: %s")
                    .formatted(index, source.label(), names)
                : ("sources[%d].textField is \"%s\"; its records have: %s (source %s): name the"
                        + " field with the text")
                    .formatted(index, field, names, source.label()));
  }

  /**
   * What the user should know.
   *
   * @param files how many are read
   * @param leavings names of what lies beside them
   */
  List<String> notes(int files, List<String> leavings) {
    var notes = new ArrayList<String>();
    if (!leavings.isEmpty()) {
      var more = leavings.size() - MOST_NAMES;
      notes.add(
          "source %s: left out as no documents, %d: %s%s"
              .formatted(
                  source.label(),
                  leavings.size(),
                  leavings.stream().limit(MOST_NAMES).collect(Collectors.joining(", ")),
                  more > 0 ? " and %d more".formatted(more) : ""));
    }
    markup(inspection.markup(), "its %d files".formatted(files), notes);
    markup(first.markup(), "the first %d records".formatted(first.looked()), notes);
    return notes;
  }

  private void markup(Map<Markup, Integer> counts, String among, List<String> notes) {
    counts.forEach(
        (markup, count) ->
            notes.add(
                "source %s: %d of %s look like %s, which is read as it stands: extract the text first"
                    .formatted(source.label(), count, among, markup.words)));
  }
}
