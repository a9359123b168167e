package io.lorashear.prune;

import io.lorashear.saliency.ProfileSettings;
import io.lorashear.settings.Default;
import java.nio.file.Path;

/**
 * What is analysed and where the profile goes.
 *
 * @param checkpoint the dense model: a Hugging Face directory or a GGUF file
 * @param corpus published sequences; the same number of validation rows is drawn from every source
 * @param output the published profile
 * @param experts whether whole experts are measured, instead of channels inside them
 */
public record AnalyzeSettings(
    Path checkpoint,
    Path corpus,
    Path output,
    @Default("false") boolean experts,
    ProfileSettings profile) {}
