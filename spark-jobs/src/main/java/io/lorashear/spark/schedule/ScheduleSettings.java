package io.lorashear.spark.schedule;

import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Storage;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * When rounds run, and what each does. Paths between stages need not be given: each follows from
 * {@code model}, {@code pruned} and {@code work}.
 *
 * @param cron minute, hour, day, month and weekday, as in Unix's cron; without it a round runs only
 *     with {@code --once}
 * @param zone time zone of {@code cron}
 * @param missed what happens about scheduled times that were missed
 * @param model the dense model: a Hugging Face directory or a GGUF file
 * @param pruned the model that the first round starts from
 * @param work folder of all results, on this machine
 * @param recovery whether a round trains; false: it only prepares data and draws
 */
public record ScheduleSettings(
    Optional<String> cron,
    @Default("UTC") String zone,
    @Default("once") Missed missed,
    Path model,
    Path pruned,
    Path work,
    @Default("true") boolean recovery,
    IngestSettings ingest,
    TokenizeSettings tokenize,
    PerplexitySettings perplexity,
    ResampleSettings resample,
    RecoverSettings recover) {

  /** Reports what does not fit together. */
  public void check(Problems problems) {
    var wrong = cron.flatMap(Times::wrong);
    problems.require(wrong.isEmpty(), "cron", "%s", wrong.orElse(""));
    var noZone = Times.noZone(zone);
    problems.require(noZone.isEmpty(), "zone", "%s", noZone.orElse(""));
    problems.require(
        Storage.isLocal(work),
        "work",
        "is %s: give a folder on this machine, where one run at a time can be seen to",
        work);
    problems.require(
        ingest.earlier().isEmpty(),
        "ingest.earlier",
        "names folders, but each round has those of the rounds before: take it out");
    problems.require(
        tokenize.grows().isEmpty(),
        "tokenize.grows",
        "is set, but each round grows the corpus of the round before: take it out");
    problems.require(
        resample.previous().isEmpty(),
        "resample.previous",
        "is set, but each round goes on from the subset before: take it out");
    problems.require(
        resample.before().isEmpty() && resample.filter().isEmpty(),
        "resample",
        "has before or filter, which are loss reports on one corpus, but each round has another:"
            + " take them out");
    problems.require(
        resample.deviation() == ResampleSettings.Deviation.LOSS || perplexity.keepTop() > 0,
        "resample.deviation",
        "is divergence, but the loss reports keep no predictions: set perplexity.keepTop, for"
            + " example 32");
    problems.require(
        resample.by() == ResampleSettings.By.SOURCE,
        "resample.by",
        "is bucket: documents that come later would have no bucket; draw by source");
    problems.require(
        recover.lora().adapter().isEmpty(),
        "recover.lora.adapter",
        "is set, but every round begins with fresh pairs: take it out");
    problems.require(
        recover.subset().isEmpty(),
        "recover.subset",
        "is set, but every round draws what it learns from: take it out");
    problems.check(
        ScheduleSettings::recover, recover.with(RecoverSettings::subset).as(Optional.of(work)));
  }
}
