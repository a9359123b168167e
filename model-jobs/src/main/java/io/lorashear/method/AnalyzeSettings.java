package io.lorashear.method;

import io.lorashear.saliency.ProfileSettings;
import java.nio.file.Path;

/**
 * What is analysed and where the profile goes.
 *
 * @param checkpoint the dense model: a Hugging Face directory or a GGUF file
 * @param corpus published sequences; validation rows are drawn from every source alike
 * @param output the published profile
 */
public record AnalyzeSettings(Path checkpoint, Path corpus, Path output, ProfileSettings profile) {}
