namespace Ducts.Fuzz;

/// <summary>An input for which something does not hold that must hold for each.</summary>
internal sealed class FuzzException(string message, Exception? cause = null) : Exception(message, cause);
