namespace Ducts;

/// <summary>
/// Exposes a handler's method as an HTTP endpoint at <c>/ducts/api/v1/{event key in lower case}{path}</c>. A method may have
/// more than one.
/// </summary>
/// <param name="method">The HTTP method, or <c>*</c> for any; GET includes HEAD.</param>
/// <param name="path">A route pattern of ASP.NET Core, such as <c>/echo/{msg}</c>.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class WebApiAttribute(string method, string path) : Attribute
{
    /// <summary>Gets the HTTP method, or <c>*</c> for any.</summary>
    public string Method { get; } = method;

    /// <summary>Gets the route pattern below the event's own path.</summary>
    public string Path { get; } = path;
}
