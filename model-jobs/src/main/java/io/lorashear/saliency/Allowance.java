package io.lorashear.saliency;

import io.lorashear.dependency.Groups;
import java.util.Map;

/**
 * What may still be removed.
 *
 * @param kept groups that can be chosen; the others are removed, or being removed
 * @param most how many of them at most, of each axis by its name
 * @param parameters number of parameters to remove
 */
public record Allowance(Groups kept, Map<String, Integer> most, long parameters) {}
