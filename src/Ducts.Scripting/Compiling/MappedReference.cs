using System.IO.MemoryMappedFiles;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;

namespace Ducts.Scripting.Compiling;

/// <summary>
/// An assembly's metadata, mapped rather than read: of the 60 MB that a server could refer to, a handler touches little,
/// and only what is touched comes from the disk.
/// </summary>
internal sealed unsafe class MappedReference : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly PEReader _reader;
    private readonly AssemblyMetadata _metadata;

    private MappedReference(MemoryMappedFile file, MemoryMappedViewAccessor view, PEReader reader, string path)
    {
        _file = file;
        _view = view;
        _reader = reader;
        var block = reader.GetMetadata();
        _metadata = AssemblyMetadata.Create(ModuleMetadata.CreateFromMetadata((nint)block.Pointer, block.Length));
        Reference = _metadata.GetReference(filePath: path, display: path);
    }

    public MetadataReference Reference { get; }

    /// <summary>Maps an assembly; null when the file is not one, or cannot be read.</summary>
    public static MappedReference? TryOpen(string path)
    {
        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        PEReader? reader = null;
        try
        {
            var length = new FileInfo(path).Length;
            file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
            view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            reader = new PEReader(start, checked((int)length));
            if (reader.HasMetadata)
            {
                return new MappedReference(file, view, reader, path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BadImageFormatException or ArgumentException)
        {
            // What cannot be opened cannot be referred to; a handler that needs it gets the compiler's own message.
        }

        Release(file, view, reader);
        return null;
    }

    public void Dispose()
    {
        _metadata.Dispose();
        Release(_file, _view, _reader);
    }

    private static void Release(MemoryMappedFile? file, MemoryMappedViewAccessor? view, PEReader? reader)
    {
        reader?.Dispose();
        if (reader is not null)
        {
            view?.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        view?.Dispose();
        file?.Dispose();
    }
}
