package io.lorashear.spark.ingest;

import io.lorashear.run.Stage;
import io.lorashear.spark.decontaminate.Reference;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.RawFile;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;

/**
 * What an ingest reads, found and looked into.
 *
 * @param earlier what was published before from the same sources
 * @param inputs files that are to be read
 * @param ledger the same by their content
 * @param reference what a model is measured on
 */
record Material(
    List<PublishedDocuments> earlier, Inputs inputs, Ledger ledger, Reference reference) {

  /**
   * Finds it.
   *
   * @param hashing gives files their hashes
   * @throws io.lorashear.InputException if something is missing, or is not what it should be
   */
  static Material of(
      Configuration configuration, IngestSettings settings, UnaryOperator<List<RawFile>> hashing) {
    var earlier = settings.earlier().stream().map(PublishedDocuments::open).toList();
    var reference = Reference.read(settings.decontamination());
    if (earlier.isEmpty()) {
      var inputs = Inputs.find(configuration, settings.sources(), settings.limits());
      Ingest.refuse(settings, inputs); // before all is read
      return new Material(
          earlier, inputs, new Ledger(hashing.apply(inputs.raw()), List.of()), reference);
    }
    var before = earlier.stream().map(each -> Ledger.in(each.folder())).toList();
    var listed = Inputs.listed(configuration, settings.sources(), Ledger.sources(before));
    var ledger = Ledger.of(hashing.apply(listed), before);
    var inputs = Inputs.among(configuration, settings.sources(), settings.limits(), ledger.read());
    Ingest.refuse(settings, inputs);
    return new Material(earlier, inputs, ledger, reference);
  }

  /**
   * What publishes it.
   *
   * @param tokens hash of what lengths are counted with
   */
  Stage stage(IngestSettings settings, String tokens) {
    var stage = Stage.of("ingest", settings.output(), settings, Ingest.class);
    stage.parent("tokenizer", tokens).parent("measured on", reference.hash());
    Inputs.hashes(ledger.read()).forEach((source, hash) -> stage.parent("source " + source, hash));
    for (int i = 0; i < earlier.size(); i++) {
      stage.parent("earlier %04d".formatted(i), earlier.get(i).folder().hash());
    }
    return stage;
  }
}
