using System.Globalization;

namespace Ducts.Telemetry.Logging;

/// <summary>The log in a file, which is moved to <c>.1</c>, <c>.2</c> and so on as it grows.</summary>
// Threading: the queue's thread writes; any thread asks for reopening.
internal sealed class FileSink : ILogSink
{
    private readonly string _path;
    private readonly long _maxBytes;
    private readonly int _backups;
    private FileStream _file;
    private volatile bool _reopen;

    public FileSink(string path, long maxBytes, int backups)
    {
        _path = path;
        _maxBytes = maxBytes;
        _backups = backups;
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        _file = Open(path);
    }

    public void Write(ReadOnlySpan<byte> entries)
    {
        try
        {
            if (_reopen)
            {
                _reopen = false;
                Replace();
            }
            while (!entries.IsEmpty)
            {
                var taken = Fitting(entries);
                if (taken == 0)
                {
                    Rotate();
                    continue;
                }
                // The end is elsewhere when another process has written, or logrotate has cut the file off (copytruncate).
                _file.Seek(0, SeekOrigin.End);
                _file.Write(entries[..taken]);
                entries = entries[taken..];
            }
            _file.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk may have room again by the next entry.
        }
    }

    public void Reopen() => _reopen = true;

    public void Dispose() => _file.Dispose();

    /// <summary>How much goes into this file: whole lines, at least one into an empty file.</summary>
    private int Fitting(ReadOnlySpan<byte> entries)
    {
        if (_maxBytes <= 0 || _file.Length + entries.Length <= _maxBytes)
            return entries.Length;
        var room = (int)Math.Clamp(_maxBytes - _file.Length, 0, entries.Length);
        var whole = entries[..room].LastIndexOf((byte)'\n') + 1;
        return whole == 0 && _file.Length == 0 ? entries.IndexOf((byte)'\n') + 1 : whole;
    }

    private void Rotate()
    {
        _file.Dispose();
        for (var i = _backups - 1; i >= 1; i--)
        {
            if (File.Exists(Backup(i)))
                File.Move(Backup(i), Backup(i + 1), overwrite: true);
        }
        if (File.Exists(_path))
            File.Move(_path, Backup(1), overwrite: true);
        _file = Open(_path);
    }

    private void Replace()
    {
        _file.Dispose();
        _file = Open(_path);
    }

    private string Backup(int number) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{number}");

    private static FileStream Open(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
