// Never run: `dotnet ef` loads this program only to find the factory beside it.
return 0;
