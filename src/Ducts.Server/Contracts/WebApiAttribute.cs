namespace Ducts;

/// <summary>
/// Makes a handler's method an HTTP endpoint at <c>/ducts/api/v1/{event key in lower case}{path}</c>. A method may have
/// more than one.
/// </summary>
/// <param name="method">The HTTP method, or <c>*</c> for any; HEAD comes with GET.</param>
/// <param name="path">A route pattern of ASP.NET Core, such as <c>/echo/{msg}</c>.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class WebApiAttribute(string method, string path) : Attribute
{
    /// <summary>The HTTP method, or <c>*</c>.</summary>
    public string Method { get; } = method;

    /// <summary>The route pattern below the event's own path.</summary>
    public string Path { get; } = path;
}
