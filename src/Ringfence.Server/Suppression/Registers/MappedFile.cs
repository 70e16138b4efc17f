using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>A file mapped into memory for reading, whole. It is let go when nobody knows of it any more: a look-up that is under way never loses it.</summary>
internal sealed class MappedFile : MemoryManager<byte>
{
    private readonly MemoryMappedViewAccessor view;
    private readonly int length;

    /// <summary>Maps a file. A new file that takes its name later does not change what is seen here.</summary>
    /// <exception cref="IOException">It is empty, or larger than 2 GB.</exception>
    public MappedFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        if (stream.Length is 0 or > int.MaxValue)
            throw new IOException($"{path} has {stream.Length} bytes.");
        length = (int)stream.Length;
        using var file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
    }

    /// <inheritdoc/>
    public override Memory<byte> Memory => CreateMemory(length);

    /// <inheritdoc/>
    // Invariant: the view begins at the start of the file, and so at the start of a page; length bytes of it are mapped until it is let go.
    public override Span<byte> GetSpan() =>
        MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref Unsafe.NullRef<byte>(), view.SafeMemoryMappedViewHandle.DangerousGetHandle()), length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("What is mapped is not moved; nobody has to hold it.");

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            view.Dispose();
    }
}
