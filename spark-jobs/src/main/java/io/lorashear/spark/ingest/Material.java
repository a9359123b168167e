package io.lorashear.spark.ingest;

import io.lorashear.run.Stage;
import io.lorashear.spark.decontaminate.Reference;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.RawFile;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;

/**
 * The checked inputs of an ingest.
 *
 * @param earlier earlier publications of the same sources
 * @param inputs files to read
 * @param ledger the same files by content
 * @param reference evaluation text
 */
record Material(
    List<PublishedDocuments> earlier, Inputs inputs, Ledger ledger, Reference reference) {

  /**
   * Finds and checks the inputs.
   *
   * @param hashing computes the files' hashes
   * @throws io.lorashear.InputException if something is missing, or is not what it should be
   */
  static Material of(
      Configuration configuration, IngestSettings settings, UnaryOperator<List<RawFile>> hashing) {
    var earlier = settings.earlier().stream().map(PublishedDocuments::open).toList();
    var reference = Reference.read(settings.decontamination());
    if (earlier.isEmpty()) {
      var inputs = Inputs.find(configuration, settings.sources(), settings.limits());
      Ingest.refuse(settings, inputs); // before everything is read
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
   * The stage that publishes the result.
   *
   * @param tokens hash of the token counter
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
