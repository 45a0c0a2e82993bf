namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>What a handler's declaration says of one argument.</summary>
/// <typeparam name="T">Its type.</typeparam>
/// <param name="Index">Its place among the arguments.</param>
/// <param name="Name">Its name.</param>
/// <param name="Expected">What a null is told it should have been; null where the converter knows.</param>
/// <param name="AcceptsNull">Whether it may be null; it is then null too when a request does not bring it.</param>
/// <param name="HasDefault">Whether it has a default value.</param>
/// <param name="Default">That value.</param>
/// <param name="ReadsNull">Whether the type holds null as a value of its own, as <c>JsonElement</c> does.</param>
internal sealed record ArgumentTraits<T>(
    int Index,
    ArgumentName Name,
    string? Expected,
    bool AcceptsNull,
    bool HasDefault,
    T Default,
    bool ReadsNull);
