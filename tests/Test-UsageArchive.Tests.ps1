BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Test-UsageArchive on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            $script:made = (New-Item -ItemType Directory "$TestDrive/$Kind-made").FullName
            $script:folder = (New-Item -ItemType Directory "$TestDrive/$Kind").FullName
            # Two of the same content, of which one is packed, and one of NDJSON.
            foreach ($name in 'a.csv', 'b.csv.gz', 'c.ndjson') {
                1..20 | ForEach-Object { @{ Service = 'api'; Quantity = $_; Timestamp = "2026-01-$($_ + 10)"; Metadata = @{ text = "ü`n$_" } } } | Add-UsageRecord
                $null = Invoke-UsageArchive -Path "$made/$name"
            }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            Connect-UsageStore @address -CustomerId acme
            Remove-Item "$folder/*" -Recurse -Force
            Copy-Item "$made/*" $folder
            Push-Location $folder
        }
        AfterEach { Pop-Location }

        It 'is true for what is as it was written' {
            $answers = Test-UsageArchive a.csv, b.csv.gz, c.ndjson -WarningVariable warnings
            $answers | Should -Be $true, $true, $true
            $answers[0] | Should -BeOfType bool
            $warnings | Should -BeNullOrEmpty
            Test-UsageArchive a.csv -Verbose 4>&1 | Select-Object -First 1 | Should -BeLike "*a.csv': 20 records, SHA-256 $((Get-FileHash a.csv).Hash.ToLowerInvariant())."
        }

        It 'takes wildcards, files and archives down the pipeline' {
            Test-UsageArchive * | Should -Be $true, $true, $true
            Get-ChildItem *.csv.gz | Test-UsageArchive | Should -Be $true
            'a.csv', 'c.ndjson' | Test-UsageArchive | Should -Be $true, $true
            Get-UsageArchive | Test-UsageArchive | Should -Be $true, $true, $true
            Test-UsageArchive -LiteralPath a.csv | Should -BeTrue
        }

        It 'is false, with an error, for a file of which a byte is another: <_>' -ForEach 'a.csv', 'b.csv.gz', 'c.ndjson' {
            $bytes = [System.IO.File]::ReadAllBytes("$folder/$_")
            $bytes[300] = $bytes[300] -bxor 1
            [System.IO.File]::WriteAllBytes("$folder/$_", $bytes)
            $answer = Test-UsageArchive $_ -ErrorVariable errors -ErrorAction SilentlyContinue
            $answer | Should -BeFalse
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'ArchiveDamaged,*'
            $errors[0].TargetObject | Should -Be (Join-Path $folder $_)
            "$($errors[0])" | Should -BeLike "*its SHA-256 is $((Get-FileHash $_).Hash.ToLowerInvariant()), and was $((Get-FileHash "$made/$_").Hash.ToLowerInvariant()).*"
        }

        It 'is false where something is missing, and goes on' {
            Remove-Item a.csv, b.csv.gz.manifest.json
            $answers = Test-UsageArchive a.csv, b.csv.gz, none.csv, c.ndjson -ErrorVariable errors -ErrorAction SilentlyContinue
            $answers | Should -Be $false, $false, $false, $true
            $errors.FullyQualifiedErrorId -replace ',.*' | Should -Be FileNotFound, ManifestNotFound, ManifestNotFound
            Test-UsageArchive none*.csv -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'FileNotFound,*'
        }

        It 'is false for a manifest that is none' {
            foreach ($content in '', '{', '[]', '{"format":"usage-archive/2"}', 'null') {
                Set-Content a.csv.manifest.json $content -NoNewline
                Test-UsageArchive a.csv -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeFalse
                $errors[0].FullyQualifiedErrorId | Should -BeLike 'ArchiveDamaged,*' -Because $content
            }
        }

        It 'is false where the file and its manifest were both changed, by what the store knows' {
            (Get-Content a.csv -Raw).Replace(',api,20,', ',api,21,') | Set-Content a.csv -NoNewline
            $old = (Get-FileHash "$made/a.csv").Hash.ToLowerInvariant()
            $new = (Get-FileHash a.csv).Hash.ToLowerInvariant()
            $new | Should -Not -Be $old
            (Get-Content a.csv.manifest.json -Raw).Replace($old, $new).Replace('"quantity": 210', '"quantity": 211').Replace('"cost": 0.021', '"cost": 0.0211') |
                Set-Content a.csv.manifest.json
            Test-UsageArchive a.csv -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeFalse
            "$($errors[0])" | Should -BeLike "*the store has it entered with 20 records and the SHA-256 $old.*"
        }

        It 'warns of an archive whose records never left' {
            Copy-Item a.csv cut.csv
            (Get-Content a.csv.manifest.json -Raw) -replace '"archive_id": "[^"]+"', "`"archive_id`": `"$([guid]::NewGuid())`"" -replace '"archived"', '"prepared"' -replace '"archive_number": \d+', '"archive_number": 0' |
                Set-Content cut.csv.manifest.json
            Test-UsageArchive cut.csv -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeTrue
            $warnings | Should -BeLike "The records of '*cut.csv' never left the store*"
            { Restore-UsageArchive cut.csv } | Should -Throw -ErrorId 'ArchiveUnknown,*'
        }

        It 'needs no store' {
            Disconnect-UsageStore
            $env:USAGE_STORE = 'postgresql://127.0.0.1:1/none'
            try { Test-UsageArchive a.csv, b.csv.gz -WarningVariable warnings | Should -Be $true, $true }
            finally { $env:USAGE_STORE = $null }
            $warnings | Should -BeNullOrEmpty
        }

        It 'makes no store, and says nothing about one that the records did not leave' {
            Disconnect-UsageStore
            $env:USAGE_STORE = "$folder/new/usage.db"
            try { Test-UsageArchive a.csv -WarningVariable warnings | Should -BeTrue }
            finally { $env:USAGE_STORE = $null }
            $warnings | Should -BeNullOrEmpty
            Test-Path "$folder/new" | Should -BeFalse
        }
    }
}
