using Ducts.Scripting.Compiling;

namespace Ducts.Scripting;

/// <summary>A handler file that passed the rules.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Key">The event's key.</param>
/// <param name="Class">Its class.</param>
internal sealed record HandlerEntry(int Id, string Key, ScriptClass Class);
