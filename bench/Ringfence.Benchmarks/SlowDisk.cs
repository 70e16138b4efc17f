using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ringfence.Benchmarks;

/// <summary>A layer between SQLite and the disk that takes its time to force: what a disk with another latency would make of the same work.</summary>
/// <remarks>Source: https://www.sqlite.org/c3ref/vfs.html and io_methods.html for the shape of what is passed on.</remarks>
internal static unsafe class SlowDisk
{
    public const string Name = "slow";

    private const int Ok = 0;
    private const int MethodsBytes = 152;
    private const int LayerBytes = 168;

    // The database and its write-ahead file have methods of their own: each set once, with the original behind it.
    private static readonly Dictionary<nint, nint> Slowed = [];

    private static nint below;
    private static TimeSpan atLeast;

    /// <summary>Makes the layer: each forcing takes so long, or as long as the disk takes where that is longer.</summary>
    public static void Register(TimeSpan least)
    {
        SQLitePCL.Batteries_V2.Init();
        atLeast = least;
        below = Find(null);
        var layer = (byte*)NativeMemory.AllocZeroed(LayerBytes);
        Buffer.MemoryCopy((void*)below, layer, LayerBytes, LayerBytes);
        *(nint*)(layer + 16) = 0;
        *(nint*)(layer + 24) = Marshal.StringToCoTaskMemUTF8(Name);
        *(nint*)(layer + 40) = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint, int, nint, int>)&Open;
        if (Register((nint)layer, 0) != Ok)
            throw new InvalidOperationException("The layer is not taken.");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(nint layer, nint name, nint file, int flags, nint outFlags)
    {
        var answer = (*(delegate* unmanaged[Cdecl]<nint, nint, nint, int, nint, int>*)(below + 40))(below, name, file, flags, outFlags);
        if (answer != Ok || *(nint*)file == 0)
            return answer;
        var original = *(nint*)file;
        lock (Slowed)
        {
            if (!Slowed.TryGetValue(original, out var methods))
            {
                var copy = (byte*)NativeMemory.AllocZeroed(MethodsBytes + (nuint)sizeof(nint));
                Buffer.MemoryCopy((void*)original, copy, MethodsBytes, MethodsBytes);
                *(nint*)(copy + 40) = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sync;
                *(nint*)(copy + MethodsBytes) = original;
                Slowed.Add(original, methods = (nint)copy);
            }

            *(nint*)file = methods;
        }

        return answer;
    }

    // Waited for as one waits for a disk: without keeping a core busy, but for the last bit, for which no timer is fine enough.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(nint file, int flags)
    {
        var began = Stopwatch.GetTimestamp();
        var original = *(nint*)(*(nint*)file + MethodsBytes);
        var answer = (*(delegate* unmanaged[Cdecl]<nint, int, int>*)(original + 40))(file, flags);
        while (atLeast - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left)
        {
            if (left > TimeSpan.FromMilliseconds(0.2))
            {
                var nap = new Span { Nanoseconds = (long)(left - TimeSpan.FromMilliseconds(0.1)).TotalNanoseconds };
                _ = Sleep(&nap, 0);
            }
            else
            {
                Thread.SpinWait(20);
            }
        }

        return answer;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Span
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    private static extern int Sleep(Span* time, nint left);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find", CallingConvention = CallingConvention.Cdecl)]
    private static extern nint Find([MarshalAs(UnmanagedType.LPUTF8Str)] string? name);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register", CallingConvention = CallingConvention.Cdecl)]
    private static extern int Register(nint layer, int asDefault);
}
