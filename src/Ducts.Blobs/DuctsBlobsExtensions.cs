using Ducts;
using Ducts.Blobs;
using Ducts.Blobs.Storage;
using Ducts.Handlers;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides an extension method that adds versioned content in Redis to a Ducts server.</summary>
public static class DuctsBlobsExtensions
{
    /// <summary>
    /// Adds the events BLOBS and BLOBS_*, and their Web APIs below <c>/ducts/api/v1/blobs</c>: groups of contents, each with versions, that
    /// are kept in the server's Redis. <see cref="DuctsOptions.Blobs"/> has their options, and <see cref="BlobsPolicies"/> names the
    /// policies that say who may call them.
    /// </summary>
    /// <param name="builder">The server's builder.</param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder AddBlobs(this IDuctsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(static service => service.ServiceType == typeof(BlobRedis)))
        {
            return builder;
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<AuthorizationOptions>, BlobsAuthorization>());
        services.AddSingleton<BlobRedis>();
        services.AddSingleton<GroupStore>();
        services.AddSingleton<ContentReader>();
        services.AddSingleton<ContentStore>();
        services.AddSingleton<DirectoryStore>();
        services.AddSingleton<BufferStore>();
        services.AddSingleton<IHandlerSource, BlobsHandlerSource>();
        return builder;
    }
}
