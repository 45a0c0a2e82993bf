namespace Ducts;

/// <summary>Describes one argument of an event, for documentation.</summary>
/// <param name="Name">Its name in camelCase.</param>
/// <param name="Type">Its C# type.</param>
/// <param name="Required">Whether a request must contain it.</param>
public sealed record HandlerArgument(string Name, Type Type, bool Required);
