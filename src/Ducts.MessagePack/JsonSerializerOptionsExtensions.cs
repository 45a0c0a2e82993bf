using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack.Contracts;

namespace Ducts.MessagePack;

/// <summary>Extends the options of System.Text.Json.</summary>
public static class JsonSerializerOptionsExtensions
{
    /// <summary>
    /// Gives the dictionaries and sets that System.Text.Json creates random hash codes for numbers, dates and what is made of them,
    /// so that whoever sends the JSON cannot choose keys that collide. Those of strings are random in .NET. Use it for JSON of
    /// clients that your own code reads; Ducts does so for events and Web APIs.
    /// </summary>
    /// <param name="options">Options that have not been used yet.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="InvalidOperationException">The options are read-only.</exception>
    public static JsonSerializerOptions UseRandomizedComparers(this JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(RandomizedContracts.Modify);
        options.Converters.Add(new RandomizedConverterFactory());
        return options;
    }
}
