using Ducts.Redis.Ownership;

namespace Ducts.Scripting.Ownership;

/// <summary>
/// Makes folders whose content may be believed, because nobody but their user, and root, can write there. What others can
/// write must not say which process to end or which code to run.
/// </summary>
internal static class PrivateFolder
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates a folder of mode 0700 if there is none, and checks the one that is there.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="isOwn">
    /// Whether the folder holds nothing but what this program puts there, so that permissions for others are taken away from
    /// it rather than refused.
    /// </param>
    /// <returns>Null, or what is wrong with the folder and what to do.</returns>
    /// <exception cref="IOException">It cannot be created, or the file system does not say whose it is.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not create it or look there.</exception>
    public static string? Prepare(string path, bool isOwn)
    {
        if (!FileFacts.AreKnown)
        {
            Directory.CreateDirectory(path);
            return null;
        }

        Directory.CreateDirectory(path, Mode);
        if (FindForeignLink(path) is { } problem)
        {
            return problem;
        }

        if (FileFacts.Of(path, follow: true) is not { } facts)
        {
            return $"the folder {path} has been removed meanwhile.";
        }

        if (!facts.IsOurs)
        {
            return $"the folder {path} belongs to user {UserName.Of(facts.Owner)}, and this is user {UserName.Of(FileFacts.CurrentUser)}: remove the folder, or run the command as its owner.";
        }

        if (isOwn && facts.Mode != Mode && facts.Owner == FileFacts.CurrentUser)
        {
            // A file system that keeps no permissions shows the same mode as before: there is nothing to protect on it.
            File.SetUnixFileMode(path, Mode);
            return null;
        }

        return facts.IsWritableByOthers
            ? $"others may write to the folder {path}, whose mode is {Describe(facts.Mode)}: take a folder that only its owner may write to, or enter: chmod go-w {path}"
            : null;
    }

    /// <summary>Finds out whether a folder is a symbolic link that another user has put there.</summary>
    /// <returns>Null, or what is wrong and what to do.</returns>
    public static string? FindForeignLink(string path) =>
        FileFacts.AreKnown && FileFacts.Of(path) is { Kind: FileKind.Link, IsOurs: false } link
            ? $"{path} is a symbolic link that belongs to user {UserName.Of(link.Owner)}: remove it."
            : null;

    public static string Describe(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');
}
