using System.Reflection;
using Ducts.Handlers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Ducts.WebApis;

/// <summary>One <see cref="WebApiAttribute"/> of one handler.</summary>
/// <param name="Handler">The instance that answers.</param>
/// <param name="Candidate">Its id, key and source.</param>
/// <param name="Method">The method that answers.</param>
/// <param name="HttpMethod">In upper case, or <c>*</c>.</param>
/// <param name="Pattern">The whole path.</param>
internal sealed record WebApiRoute(DuctsHandler Handler, HandlerCandidate Candidate, MethodInfo Method, string HttpMethod, RoutePattern Pattern)
{
    public const string AnyMethod = "*";

    private static readonly string[] Bodiless =
        [HttpMethods.Get, HttpMethods.Head, HttpMethods.Delete, HttpMethods.Options, HttpMethods.Trace, HttpMethods.Connect];

    /// <summary>Set on a GET whose path has no HEAD of its own.</summary>
    public bool AnswersHead { get; set; }

    /// <summary>What the endpoint's metadata says of methods; empty for any.</summary>
    public IReadOnlyList<string> HttpMethodNames => (HttpMethod, AnswersHead) switch
    {
        (AnyMethod, _) => [],
        (_, true) => [HttpMethod, HttpMethods.Head],
        _ => [HttpMethod],
    };

    /// <summary>Whether a parameter of a class is taken from the body without being marked.</summary>
    public bool MayHaveBody => !Bodiless.Contains(HttpMethod);

    /// <summary>The route as people name it.</summary>
    public override string ToString() => $"{HttpMethod} {Pattern.RawText}";
}
