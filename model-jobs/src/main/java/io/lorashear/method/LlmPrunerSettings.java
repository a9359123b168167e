package io.lorashear.method;

import io.lorashear.saliency.ElementScore;
import io.lorashear.settings.Default;

/**
 * What LLM-Pruner ranks groups by.
 *
 * @param score weight, vector, element1, element2 or mix
 */
public record LlmPrunerSettings(@Default("element1") ElementScore score) {}
