using System.Xml.Linq;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Ownership;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Identity;

/// <summary>
/// Keeps the keys of ASP.NET Core Data Protection in a folder that nobody but the server's user may read. Where that cannot be
/// had, they are kept in memory: who could write to the folder could make up users.
/// </summary>
internal sealed class KeyFolder : IXmlRepository
{
    /// <summary>The folder, below the server's home.</summary>
    public const string Path = ".ducts/keys";

    private readonly ILogger _logger;
    private readonly Lazy<IXmlRepository?> _files;
    private readonly Lock _lock = new();
    private readonly List<XElement> _memory = [];

    /// <param name="home">The server's home.</param>
    /// <param name="loggers">The log.</param>
    public KeyFolder(string home, ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger<KeyFolder>();
        // Made with the first key: this is constructed for servers that never have a user, too.
        _files = new(() => Open(System.IO.Path.Combine(home, Path), loggers));
    }

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_lock)
        {
            return [.. _files.Value?.GetAllElements() ?? [], .. _memory];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_lock)
        {
            try
            {
                if (_files.Value is { } files)
                {
                    files.StoreElement(element, friendlyName);
                    return;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                IdentityLog.KeysInMemory(_logger, exception.Message);
            }

            _memory.Add(new XElement(element));
        }
    }

    private FileSystemXmlRepository? Open(string folder, ILoggerFactory loggers)
    {
        try
        {
            var refusal = PrivateFolder.Prepare(System.IO.Path.GetDirectoryName(folder)!, isOwn: true) ?? PrivateFolder.Prepare(folder, isOwn: true) ?? FindForeign(folder);
            if (refusal is null)
            {
                return new FileSystemXmlRepository(new DirectoryInfo(folder), loggers);
            }

            IdentityLog.KeysInMemory(_logger, refusal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            IdentityLog.KeysInMemory(_logger, exception.Message);
        }

        return null;
    }

    private static string? FindForeign(string folder)
    {
        var foreign = FileFacts.AreKnown
            ? Directory.EnumerateFiles(folder).FirstOrDefault(static path => FileFacts.Of(path) is { IsOurs: false } or { IsWritableByOthers: true })
            : null;
        return foreign is null ? null : $"{foreign} belongs to another user, or others may write to it: remove it.";
    }
}
