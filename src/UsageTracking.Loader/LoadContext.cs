using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace UsageTracking.Loader;

/// <summary>
/// Keeps the module and its dependencies apart from PowerShell's and other modules' assemblies of the same names.
/// </summary>
public sealed class LoadContext : AssemblyLoadContext
{
    private const string MainAssembly = "UsageTracking.Cmdlets";

    // PowerShell keeps cmdlet types per process: every import and every runspace must get the same ones.
    private static readonly Lazy<Assembly> Cmdlets = new(LoadCmdlets);

    private readonly string _folder;
    private readonly Lazy<AssemblyDependencyResolver?> _resolver;

    private LoadContext(string folder)
        : base("UsageTracking", isCollectible: false)
    {
        _folder = folder;
        _resolver = new(CreateResolver);
    }

    /// <summary>The cmdlet assembly, loaded once per process.</summary>
    public static Assembly CmdletAssembly => Cmdlets.Value;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // A second System.Management.Automation would have cmdlet base classes PowerShell does not know.
        if (assemblyName.Name == "System.Management.Automation")
            return null;

        string path = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string? path = _resolver.Value?.ResolveUnmanagedDllToPath(unmanagedDllName) ?? FindNative(unmanagedDllName);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }

    private static Assembly LoadCmdlets()
    {
        string folder = Path.GetDirectoryName(typeof(LoadContext).Assembly.Location)!;
        return new LoadContext(folder).LoadFromAssemblyPath(Path.Combine(folder, MainAssembly + ".dll"));
    }

    private AssemblyDependencyResolver? CreateResolver()
    {
        try
        {
            return new AssemblyDependencyResolver(Path.Combine(_folder, MainAssembly + ".dll"));
        }
        catch (InvalidOperationException)
        {
            // A program that hosts .NET by itself may come without hostpolicy; FindNative still works there.
            return null;
        }
    }

    private string? FindNative(string name)
    {
        (string os, string file) =
            OperatingSystem.IsWindows() ? ("win", name + ".dll")
            : OperatingSystem.IsMacOS() ? ("osx", $"lib{name}.dylib")
            : ("linux", $"lib{name}.so");
        string portable = $"{os}-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant();

        return new[] { RuntimeInformation.RuntimeIdentifier, portable }
            .Select(rid => Path.Combine(_folder, "runtimes", rid, "native", file))
            .FirstOrDefault(File.Exists);
    }
}
