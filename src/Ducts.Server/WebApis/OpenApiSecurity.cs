using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Ducts.WebApis;

/// <summary>Writes into one OpenAPI document what callers need, and how they show who they are.</summary>
internal sealed class OpenApiSecurity(IWebApiSecurity security)
{
    private readonly Dictionary<string, string> _namesOfSchemes = new(StringComparer.Ordinal);

    public void AddTo(OpenApiOptions options)
    {
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<WebApiDemand>().LastOrDefault() is { } demand)
            {
                AddTo(operation, demand, context.Document);
            }

            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(async (document, _, _) =>
        {
            foreach (var (scheme, name) in _namesOfSchemes)
            {
                document.AddComponent<IOpenApiSecurityScheme>(name, await security.DescribeAsync(scheme));
            }
        });
    }

    private void AddTo(OpenApiOperation operation, WebApiDemand demand, OpenApiDocument? document)
    {
        if (demand.Schemes.Count > 0)
        {
            // One of them is enough.
            operation.Security = [.. demand.Schemes.Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(NameOf(scheme), document)] = [] })];
        }

        AddRefusal(operation, StatusCodes.Status401Unauthorized, "The caller has to sign in.");
        if (demand.IsMoreThanUser)
        {
            AddRefusal(operation, StatusCodes.Status403Forbidden, "The caller lacks a right.");
        }
    }

    // What the method itself says of the status stays.
    private static void AddRefusal(OpenApiOperation operation, int status, string description)
    {
        operation.Responses ??= [];
        operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType> { [MediaTypeNames.Application.ProblemJson] = new() },
        });
    }

    private string NameOf(string scheme)
    {
        if (_namesOfSchemes.TryGetValue(scheme, out var known))
        {
            return known;
        }

        // Names of components have no other characters.
        var name = string.Concat(scheme.Select(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' ? character : '_'));
        var unique = name;
        for (var number = 2; _namesOfSchemes.ContainsValue(unique); number++)
            unique = $"{name}_{number}";
        _namesOfSchemes.Add(scheme, unique);
        return unique;
    }
}
