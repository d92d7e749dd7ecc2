using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace ApiKeys.Server.Catalog;

/// <summary>
/// The catalog of the moment. When a configuration file changes, everything is read anew, and the new catalog takes the old
/// one's place only if nothing is wrong with it: a file that is gone, or is no JSON, or has an error changes nothing.
/// </summary>
internal sealed partial class LiveCatalog : IDisposable
{
    /// <summary>The setting that names a JSON file of its own for the catalog.</summary>
    public const string FileSetting = "Catalog:File";

    private readonly IReadOnlyList<IConfigurationSource> _sources;
    private readonly ILogger<LiveCatalog> _logger;
    private readonly IDisposable _subscription;
    private readonly Lock _reading = new();
    private HashSet<JsonConfigurationSource> _present;
    private volatile ScopeCatalog _current;

    /// <param name="first">Read at the start, without an error.</param>
    /// <param name="configuration">Tells when one of its files has changed.</param>
    /// <param name="sources">Where it comes from, to be read again from the beginning.</param>
    /// <param name="logger">Told what became of a change.</param>
    public LiveCatalog(
        ScopeCatalog first, IConfiguration configuration, IReadOnlyList<IConfigurationSource> sources, ILogger<LiveCatalog> logger)
    {
        (_current, _sources, _logger) = (first, sources, logger);
        _present = FilesThatAreThere();
        foreach (var file in sources.OfType<FileConfigurationSource>())
            file.OnLoadException = failure => failure.Ignore = true; // Reload comes next, meets it again, and tells

        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public ScopeCatalog Current => _current;

    /// <summary>Raised when <see cref="Current"/> is another, and says something else than the one before.</summary>
    public event EventHandler? Changed;

    /// <summary>As if a file had changed: whoever cannot see that by himself is told by others.</summary>
    public void ReadAgain() => Reload();

    /// <summary>Adds the file that the setting names, if it names one.</summary>
    /// <returns>What is wrong with the setting.</returns>
    public static IEnumerable<string> AddFile(IConfigurationManager configuration)
    {
        if (configuration[FileSetting] is not { Length: > 0 } path)
            yield break;

        var file = new FileInfo(path);
        if (!file.Exists)
        {
            yield return $"{FileSetting} is '{path}', and there is no such file.";
            yield break;
        }

        string? broken = null;
        try
        {
            configuration.Add(new JsonConfigurationSource
            {
                FileProvider = new PhysicalFileProvider(file.DirectoryName!),
                Path = file.Name,
                ReloadOnChange = true,
            });
        }
        catch (InvalidDataException exception)
        {
            broken = $"{FileSetting}: {Message(exception)}";
        }

        if (broken is not null)
            yield return broken;
    }

    public void Dispose() => _subscription.Dispose();

    private void Reload()
    {
        lock (_reading)
        {
            var errors = new List<string>();
            try
            {
                var present = FilesThatAreThere();
                var root = ReadAnew();
                var catalog = CatalogConfiguration.Load(root, errors);
                (root as IDisposable)?.Dispose();
                if (errors.Count == 0)
                {
                    var isSame = catalog.Says(_current);
                    (_current, _present) = (catalog, present);
                    if (!isSame)
                        Changed?.Invoke(this, EventArgs.Empty);

                    LogReloaded(_logger, catalog.Scopes.Count, catalog.Roles.Count, catalog.Plans.Count);
                    return;
                }
            }
            catch (Exception exception)
            {
                errors.Add(Message(exception)); // whatever it is: nobody else would tell
            }

            LogKept(_logger, string.Join(' ', errors));
        }
    }

    /// <summary>
    /// Not what the providers in use hold: one that failed to read its file has forgotten what it held. A file that was there
    /// must still be: while an editor or a volume replaces it, a moment without it would be a catalog without scopes.
    /// </summary>
    private IConfigurationRoot ReadAnew()
    {
        var anew = new ConfigurationBuilder();
        foreach (var source in _sources)
        {
            anew.Add(source is JsonConfigurationSource file
                ? new JsonConfigurationSource { FileProvider = file.FileProvider, Path = file.Path!, Optional = !_present.Contains(file) }
                : source);
        }

        return anew.Build();
    }

    private HashSet<JsonConfigurationSource> FilesThatAreThere() =>
        [.. _sources.OfType<JsonConfigurationSource>().Where(file => file.FileProvider?.GetFileInfo(file.Path!).Exists == true)];

    private static string Message(Exception exception) =>
        exception.InnerException is { } inner ? $"{exception.Message} {inner.GetBaseException().Message}" : exception.Message;

    [LoggerMessage(120, LogLevel.Information, "The catalog was read anew: {Scopes} scopes, {Roles} roles, {Plans} plans")]
    private static partial void LogReloaded(ILogger logger, int scopes, int roles, int plans);

    [LoggerMessage(121, LogLevel.Error, "The changed configuration is not taken over, and the catalog stays as it was: {Errors}")]
    private static partial void LogKept(ILogger logger, string errors);
}
