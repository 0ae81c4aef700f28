/** What a preview says where the profile of certificates is another than before. */
export const PROFILE_IS_FOR_NEW =
  "new certificates will have the other profile. The present ones are not changed.";
