namespace Ducts.Dispatch.Binding.Results;

/// <summary>What a method without a result returns, so that one set of generic invokers serves all.</summary>
internal readonly struct Nothing;
