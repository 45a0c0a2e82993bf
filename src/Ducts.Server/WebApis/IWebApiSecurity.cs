using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace Ducts.WebApis;

/// <summary>Tells, for the description of Web APIs, what their callers need.</summary>
internal interface IWebApiSecurity
{
    /// <summary>Returns what the callers of an endpoint need; null where everybody may call it.</summary>
    ValueTask<WebApiDemand?> FindDemandAsync(EndpointMetadataCollection metadata);

    /// <summary>Returns how callers show who they are to an authentication scheme, as far as that is known.</summary>
    ValueTask<OpenApiSecurityScheme> DescribeAsync(string scheme);
}

/// <summary>What the callers of a Web API need.</summary>
/// <param name="Schemes">The authentication schemes one of which has to know the caller; none where the application has none.</param>
/// <param name="IsMoreThanUser">Whether it is not enough to be known.</param>
internal sealed record WebApiDemand(IReadOnlyList<string> Schemes, bool IsMoreThanUser);
