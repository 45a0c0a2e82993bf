using System.Text.Json.Serialization;
using Ducts.Handlers;
using Ducts.Scripting.Compiling;

namespace Ducts.Scripting.Caching;

/// <summary>Holds the data that a cache entry stores beside the assembly.</summary>
internal sealed record CacheManifest(
    IReadOnlyList<ScriptClass> Classes,
    IReadOnlyList<HandlerProblem> Problems,
    IReadOnlyList<HandlerProblem> Warnings);

/// <summary>Reads and writes manifests without reflection, which would cost a start more than the rest of the cache.</summary>
[JsonSerializable(typeof(CacheManifest))]
internal sealed partial class CacheManifestContext : JsonSerializerContext;
