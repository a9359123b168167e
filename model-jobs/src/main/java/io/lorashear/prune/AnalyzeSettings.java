package io.lorashear.prune;

import io.lorashear.saliency.ProfileSettings;
import io.lorashear.settings.Default;
import io.lorashear.torch.PrecisionChoice;
import java.nio.file.Path;

/**
 * What is analysed and where the profile goes.
 *
 * @param checkpoint the dense model: a Hugging Face directory or a GGUF file
 * @param corpus published sequences; the same number of validation rows is drawn from every source
 * @param output the published profile
 * @param experts whether whole experts are measured, instead of channels inside them
 * @param precision number type of the model
 */
public record AnalyzeSettings(
    Path checkpoint,
    Path corpus,
    Path output,
    @Default("false") boolean experts,
    @Default("auto") PrecisionChoice precision,
    ProfileSettings profile) {}
