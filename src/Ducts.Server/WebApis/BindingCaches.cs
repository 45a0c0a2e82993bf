using System.Collections;
using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Ducts.WebApis;

/// <summary>
/// What minimal APIs remember of parameters' types for the life of the process, which holds the code of handlers that
/// have been replaced. There is no public way to it; where a later version keeps it elsewhere, a server that reloads
/// grows by each change to a Web API, and a test fails.
/// </summary>
internal static class BindingCaches
{
    /// <summary>Empties them; what is needed again is found again.</summary>
    public static void Clear()
    {
        var cache = typeof(RequestDelegateFactory)
            .GetField("ParameterBindingMethodCache", BindingFlags.NonPublic | BindingFlags.Static)?
            .GetValue(null);
        foreach (var field in cache?.GetType().GetFields(BindingFlags.NonPublic | BindingFlags.Instance) ?? [])
            (field.GetValue(cache) as IDictionary)?.Clear();
    }
}
