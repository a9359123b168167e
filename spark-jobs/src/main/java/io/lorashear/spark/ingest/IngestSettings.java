package io.lorashear.spark.ingest;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Renamed;
import io.lorashear.settings.Withers;
import io.lorashear.spark.clean.CleaningSettings;
import io.lorashear.spark.decontaminate.DecontaminationSettings;
import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.source.LimitSettings;
import io.lorashear.spark.source.SourceSettings;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * Which corpora become documents, and how they are cleaned.
 *
 * @param sources the corpora, read in this order
 * @param tokenizer {@code tokenizer.json} of the model the corpus is for, or its folder: lengths
 *     are counted in its tokens
 * @param output folder that is published
 * @param earlier folders published earlier from the same sources: files that they read are not read
 *     again, and documents that repeat theirs are left out
 * @param duplicates which repeated texts are removed
 * @param decontamination texts that the model is evaluated on, and that must not be trained on
 * @param badFiles what happens if a file cannot be read to its end
 * @param rowsPerFile approximate number of documents in a published file
 */
@Renamed(from = "exactDuplicates", to = "duplicates.exact")
public record IngestSettings(
    List<SourceSettings> sources,
    Path tokenizer,
    Path output,
    @Default("[]") List<Path> earlier,
    CleaningSettings cleaning,
    DuplicateSettings duplicates,
    DecontaminationSettings decontamination,
    @Default("fail") BadFiles badFiles,
    LimitSettings limits,
    @Default("50000") long rowsPerFile)
    implements Withers<IngestSettings> {

  void check(Problems problems) {
    problems.require(!sources.isEmpty(), "sources", "is empty: name at least one corpus");
    var names = new HashSet<String>();
    for (var source : sources) {
      problems.require(
          names.add(source.label()),
          "sources",
          "has two called %s: give one of them another name",
          source.label());
    }
    problems.require(rowsPerFile >= 1, "rowsPerFile", "is %d: at least 1 is needed", rowsPerFile);
  }
}
