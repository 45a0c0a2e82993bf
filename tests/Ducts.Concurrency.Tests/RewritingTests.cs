using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ducts.Concurrency;

/// <summary>Coyote makes of some code what the runtime refuses, which a scenario may take for a connection that failed.</summary>
public class RewritingTests
{
    // No scenario comes here.
    private static readonly string[] Unused =
    [
        "Ducts.Redis.Connections.WatchedStream.WriteAsync",
        "Ducts.Sessions.SessionRegistry.IsShortOfMemory",
    ];

    [Fact]
    public void All_that_was_rewritten_can_be_run()
    {
        var methods = typeof(RewritingTests).Assembly.GetTypes()
            .Where(static type => !type.ContainsGenericParameters && !type.IsSubclassOf(typeof(Delegate)))
            .SelectMany(static type => type.GetMembers(BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .OfType<MethodBase>()
            .Where(static method => !method.IsAbstract && !method.ContainsGenericParameters && !Unused.Contains($"{method.DeclaringType}.{method.Name}"));

        Assert.Empty(methods.Select(Refusal).OfType<string>());
    }

    private static string? Refusal(MethodBase method)
    {
        try
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
            return null;
        }
        catch (Exception exception)
        {
            return $"{method.DeclaringType}.{method.Name}: {exception.Message}";
        }
    }
}
