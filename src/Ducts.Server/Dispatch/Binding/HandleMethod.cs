using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ducts.Dispatch.Binding;

/// <summary>Finds the method of a handler class that answers requests.</summary>
internal static class HandleMethod
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    /// <summary>Finds it.</summary>
    /// <param name="handler">The class.</param>
    /// <param name="method">The method; null when the class answers HTTP only.</param>
    /// <returns>Why the class cannot be used, or null.</returns>
    public static string? Find(Type handler, out MethodInfo? method)
    {
        method = null;
        var named = Array.FindAll(handler.GetMethods(Everything), each => each.Name is "Handle" or "HandleAsync" && !IsHidden(each, handler));
        var open = Array.FindAll(named, each => each.IsPublic);
        switch (open.Length)
        {
            case 1:
                method = open[0];
                return null;
            case > 1:
                return $"{TypeText.Of(handler)} has {open.Length} methods named Handle or HandleAsync; a request goes to exactly one";
            default:
                if (named.Length > 0)
                    return $"{named[0].Name} of {TypeText.Of(handler)} is not public";
                return HasWebApi(handler)
                    ? null
                    : $"{TypeText.Of(handler)} has no public method Handle or HandleAsync to answer requests";
        }
    }

    public static bool IsAsyncVoid(MethodInfo method) =>
        method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute), inherit: false);

    private static bool IsHidden(MethodInfo method, Type handler)
    {
        // A method declared 'new' in the derived class does not take the base's out of reflection's list.
        if (method.DeclaringType == handler)
            return false;
        var signature = method.GetParameters().Select(each => each.ParameterType).ToArray();
        for (var type = handler; type is not null && type != method.DeclaringType; type = type.BaseType)
        {
            if (type.GetMethod(method.Name, Everything | BindingFlags.DeclaredOnly, signature) is not null)
                return true;
        }

        return false;
    }

    private static bool HasWebApi(Type handler) =>
        Array.Exists(handler.GetMethods(), each => each.IsDefined(typeof(WebApiAttribute), inherit: true));
}
