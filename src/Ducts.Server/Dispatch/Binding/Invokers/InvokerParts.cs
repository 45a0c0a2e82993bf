using Ducts.Dispatch.Binding.Parameters;
using Ducts.Dispatch.Binding.Results;

namespace Ducts.Dispatch.Binding.Invokers;

/// <summary>What an invoker is put together from; each part is of the types its method declares.</summary>
/// <param name="Call">The method as a <c>Func</c>, or as an <c>Action</c> when it has no result.</param>
/// <param name="Plan">How its arguments lie in the data.</param>
/// <param name="Parameters">All its parameters.</param>
/// <param name="Result">What takes its result.</param>
internal sealed record InvokerParts(Delegate Call, ArgumentPlan Plan, Parameter[] Parameters, ResultWriter Result);
