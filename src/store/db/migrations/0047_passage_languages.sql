-- works with: 0028
-- Words of help pages are read by the dictionary of the page's language. Older code says no language, which is English as
-- before; it searches without the index on words, which no other code uses. A restored backup drops tables alone, so the
-- function may be there.
create or replace function help_dictionary(language text) returns regconfig
  language sql immutable parallel safe
  return case split_part(language, '-', 1)
    when '' then 'english'::regconfig
    when 'ar' then 'arabic'::regconfig
    when 'ca' then 'catalan'::regconfig
    when 'da' then 'danish'::regconfig
    when 'de' then 'german'::regconfig
    when 'el' then 'greek'::regconfig
    when 'en' then 'english'::regconfig
    when 'es' then 'spanish'::regconfig
    when 'eu' then 'basque'::regconfig
    when 'fi' then 'finnish'::regconfig
    when 'fr' then 'french'::regconfig
    when 'ga' then 'irish'::regconfig
    when 'hi' then 'hindi'::regconfig
    when 'hu' then 'hungarian'::regconfig
    when 'hy' then 'armenian'::regconfig
    when 'id' then 'indonesian'::regconfig
    when 'it' then 'italian'::regconfig
    when 'lt' then 'lithuanian'::regconfig
    when 'nb' then 'norwegian'::regconfig
    when 'ne' then 'nepali'::regconfig
    when 'nl' then 'dutch'::regconfig
    when 'nn' then 'norwegian'::regconfig
    when 'no' then 'norwegian'::regconfig
    when 'pt' then 'portuguese'::regconfig
    when 'ro' then 'romanian'::regconfig
    when 'ru' then 'russian'::regconfig
    when 'sr' then 'serbian'::regconfig
    when 'sv' then 'swedish'::regconfig
    when 'ta' then 'tamil'::regconfig
    when 'tr' then 'turkish'::regconfig
    when 'yi' then 'yiddish'::regconfig
    else 'simple'::regconfig
  end;

-- The page's language, as in help_page.
alter table help_passage add column language text not null default '';
update help_passage passage set language = page.language
  from help_page page where page.slug = passage.slug and page.language <> '';
alter table help_passage drop column words;
alter table help_passage add column words tsvector not null generated always as (
  setweight(to_tsvector(help_dictionary(language), title || '. ' || heading), 'C') ||
  to_tsvector(help_dictionary(language), body)
) stored;
