package io.lorashear.method;

import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LhspgSettings;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.train.TrainSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How much is removed, how, and where the result goes.
 *
 * @param checkpoint the dense model: a Hugging Face directory or a GGUF file
 * @param corpus published sequences; rows of the training split are drawn from every source alike
 * @param profile published by analyze; without it only {@code protect} is protected
 * @param output the pruned checkpoint
 * @param ratio share of all parameters of the model, embeddings included, that goes
 * @param cap largest share of one axis that may go
 * @param unprunable γ, share of the axes that the profile protects; lowered where the ratio could
 *     not be reached otherwise
 * @param protect names of axes that lose nothing
 * @param experts whether whole experts go, in the place of channels inside them
 * @param rows rows drawn from each source
 */
public record PruneSettings(
    Path checkpoint,
    Path corpus,
    Optional<Path> profile,
    Path output,
    @Default("lhspg") Method method,
    @Default("0.2") double ratio,
    @Default("0.8") double cap,
    @Default("0.2") double unprunable,
    @Default("[]") List<String> protect,
    @Default("false") boolean experts,
    @Default("13") int rows,
    @Default("1") long seed,
    LoraSettings lora,
    LhspgSettings lhspg,
    SaliencySettings saliency,
    TrainSettings train,
    AdamSettings adam) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(
        ratio > 0 && ratio < 1,
        "ratio is %s: give a share of all parameters between 0 and 1, for example 0.2",
        ratio);
    problems.require(
        cap > 0 && cap <= 1, "cap is %s: give a share of an axis between 0 and 1", cap);
    problems.require(
        unprunable >= 0 && unprunable < 1,
        "unprunable is %s: give a share of the axes from 0 to below 1",
        unprunable);
    problems.require(rows >= 1, "rows is %s: at least one row of every source is needed", rows);
  }
}
