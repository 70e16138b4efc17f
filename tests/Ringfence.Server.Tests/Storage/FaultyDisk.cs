using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Ringfence.Server.Tests.Storage;

/// <summary>A layer between SQLite and the disk that fails at a certain operation: the disk is full, does not write, does not force, or the machine dies.</summary>
/// <remarks>Source: https://www.sqlite.org/c3ref/vfs.html and io_methods.html for the shape of what is passed on.</remarks>
internal sealed unsafe class FaultyDisk
{
    public const int Full = 13;
    public const int WriteFailed = 778;
    public const int FsyncFailed = 1034;

    private const int Ok = 0;
    private const int Error = 1;
    private const int MethodsBytes = 152;
    private const int LayerBytes = 168;

    private static readonly ConcurrentDictionary<nint, FaultyDisk> ByLayer = [];
    private static readonly ConcurrentDictionary<nint, (FaultyDisk Disk, nint Methods)> ByFile = [];
    private static readonly ConcurrentDictionary<nint, nint> Patched = [];
    private static readonly nint Below = Find(null);

    private readonly Lock guard = new();
    private readonly int code;
    private readonly long failAt;
    private readonly bool forGood;
    private readonly bool torn;
    private long operations;

    /// <param name="code">What is answered.</param>
    /// <param name="failAt">The how-manieth writing, forcing or cutting fails, from 1.</param>
    /// <param name="forGood">Whether all after it fail too, as after the death of the machine.</param>
    /// <param name="torn">Whether half of what is to be written gets there.</param>
    public FaultyDisk(int code, long failAt, bool forGood, bool torn = false)
    {
        SQLitePCL.Batteries_V2.Init();
        (this.code, this.failAt, this.forGood, this.torn) = (code, failAt, forGood, torn);
        Name = "faulty-" + Guid.NewGuid().ToString("N");
        // Left in memory: the engine keeps the layer until the process ends.
        var layer = (byte*)NativeMemory.AllocZeroed(LayerBytes);
        Buffer.MemoryCopy((void*)Below, layer, LayerBytes, LayerBytes);
        *(nint*)(layer + 16) = 0;
        *(nint*)(layer + 24) = Marshal.StringToCoTaskMemUTF8(Name);
        *(nint*)(layer + 40) = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint, int, nint, int>)&Open;
        ByLayer[(nint)layer] = this;
        if (Register((nint)layer, 0) != Ok)
            throw new InvalidOperationException("The layer is not taken.");
    }

    /// <summary>What the layer is called.</summary>
    public string Name { get; }

    /// <summary>Whether it has failed.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether it was forcing that failed first.</summary>
    public bool FailedToForce { get; private set; }

    private bool Fails(bool forcing = false)
    {
        lock (guard)
        {
            operations++;
            if (operations != failAt && !(forGood && Failed))
                return false;
            FailedToForce |= forcing && !Failed;
            Failed = true;
            return true;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(nint layer, nint name, nint file, int flags, nint outFlags)
    {
        var answer = (*(delegate* unmanaged[Cdecl]<nint, nint, nint, int, nint, int>*)(Below + 40))(Below, name, file, flags, outFlags);
        var methods = *(nint*)file;
        if (answer != Ok || methods == 0)
            return answer;
        ByFile[file] = (ByLayer[layer], methods);
        *(nint*)file = Patched.GetOrAdd(methods, static original =>
        {
            var copy = (byte*)NativeMemory.AllocZeroed(MethodsBytes);
            Buffer.MemoryCopy((void*)original, copy, MethodsBytes, MethodsBytes);
            *(nint*)(copy + 24) = (nint)(delegate* unmanaged[Cdecl]<nint, nint, int, long, int>)&Write;
            *(nint*)(copy + 32) = (nint)(delegate* unmanaged[Cdecl]<nint, long, int>)&Truncate;
            *(nint*)(copy + 40) = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sync;
            *(nint*)(copy + 96) = (nint)(delegate* unmanaged[Cdecl]<nint, int>)&Characteristics;
            return (nint)copy;
        });
        return answer;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint file, nint bytes, int count, long at)
    {
        var (disk, methods) = ByFile[file];
        var write = *(delegate* unmanaged[Cdecl]<nint, nint, int, long, int>*)(methods + 24);
        if (!disk.Fails())
            return write(file, bytes, count, at);
        if (disk.torn)
            _ = write(file, bytes, count / 2, at);
        return disk.code == FsyncFailed ? WriteFailed : disk.code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(nint file, long size)
    {
        var (disk, methods) = ByFile[file];
        return disk.Fails() ? WriteFailed : (*(delegate* unmanaged[Cdecl]<nint, long, int>*)(methods + 32))(file, size);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(nint file, int flags)
    {
        var (disk, methods) = ByFile[file];
        return disk.Fails(forcing: true) ? FsyncFailed : (*(delegate* unmanaged[Cdecl]<nint, int, int>*)(methods + 40))(file, flags);
    }

    // A disk that promises nothing: the engine then fills the sector after the frame that commits, so that a commit is not the last writing.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Characteristics(nint file) => 0;

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find", CallingConvention = CallingConvention.Cdecl)]
    private static extern nint Find([MarshalAs(UnmanagedType.LPUTF8Str)] string? name);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register", CallingConvention = CallingConvention.Cdecl)]
    private static extern int Register(nint layer, int asDefault);
}
