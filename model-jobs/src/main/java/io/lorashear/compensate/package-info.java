/**
 * Compensates in closed form for pruned groups. In: a running model, rows, the groups to be pruned.
 * Out: updates of the matrices that read them; of a pruned model beside the dense one also matrices
 * fitted to what that one computes. The paper leaves this to LoRA training alone (arXiv 2310.18356,
 * section 3.3); the form is that of SparseGPT (2301.00774).
 */
@org.jspecify.annotations.NullMarked
package io.lorashear.compensate;
